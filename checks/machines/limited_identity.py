"""No machine acts as an account that may call everything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.core import Unread
from collectors.facts.machines import MachineIdentity


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per machine."""
    for each in facts.of(MachineIdentity):
        value = each.unlimited
        yield decide(
            each,
            value if isinstance(value, Unread) else not value,
            yes="acts with limits of its own, or as nobody",
            no="acts as the account of all machines with no limit on what it may call",
        )


CHECK = Check(
    id="machines.limited_identity",
    title="Machines do not act without limits",
    criteria=(
        Criterion("CC6.3", DIRECT, "a program gets the rights that it needs and no more"),
        Criterion("CC6.1", PARTIAL, "whoever takes over one machine does not get the rest"),
    ),
    severity="high",
    needs=(MachineIdentity,),
    remediation="Give the Google Cloud instance a service account of its own with the roles that its programs "
    "need, in place of the default account with the scope cloud-platform.",
    equivalents={},
    judge=judge,
)
