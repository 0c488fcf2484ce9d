"""No disk of a machine is a file in an object store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.machines import MachineDisks


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per machine or model."""
    for machine in facts.of(MachineDisks):
        if isinstance(machine.loose, Unread):
            yield unknown(machine, machine.loose)
        elif machine.loose:
            yield fails(machine, f"files in an object store serve as disks: {', '.join(machine.loose)}")
        else:
            yield passes(machine, "every disk is a resource of its own")


CHECK = Check(
    id="machines.managed_disks",
    title="Machines use managed disks",
    criteria=(
        Criterion("CC7.1", PARTIAL, "rules and inventories of disks reach every disk"),
        Criterion("CC6.1", SUPPORTING, "whoever may read the store cannot carry off a disk"),
    ),
    severity="medium",
    needs=(MachineDisks,),
    remediation="Convert the disks of the Azure machine to managed disks, and make a scale set anew with them.",
    equivalents={},
    judge=judge,
)
