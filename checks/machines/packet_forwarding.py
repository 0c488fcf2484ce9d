"""Machines send on no packets that are not their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Param, Params, fails, passes, unknown
from checks.thresholds import names
from collectors.facts.core import Unread
from collectors.facts.machines import MachineForwarding


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per machine."""
    approved = names(params, "approved")
    for machine in facts.of(MachineForwarding):
        if isinstance(machine.forwards, Unread):
            yield unknown(machine, machine.forwards)
        elif not machine.forwards:
            yield passes(machine, "sends on no packets of others")
        elif any(fnmatchcase(machine.resource.name, each) for each in approved):
            yield passes(machine, "may send on packets, and is on the list")
        else:
            yield fails(machine, "may send on packets of others, and is not on the list")


CHECK = Check(
    id="machines.packet_forwarding",
    title="Machines do not forward packets",
    criteria=(
        Criterion("CC6.6", PARTIAL, "no machine becomes a way around the guarded edge"),
        Criterion("CC6.1", SUPPORTING, "networks that are kept apart stay apart"),
    ),
    severity="medium",
    needs=(MachineForwarding,),
    remediation="Make the Google Cloud instance anew without canIpForward; on AWS turn on the source/destination "
    "check, on Azure turn off IP forwarding of the interface; or approve the machine in the "
    "parameters of this check.",
    equivalents={"prowler": ("compute_instance_ip_forwarding_is_enabled",)},
    judge=judge,
    params=(
        Param(
            "approved",
            ("gke-*", "gk3-*"),
            "names of machines, * for any text",
            "routers, and nodes of clusters whose pods need it",
        ),
    ),
)
