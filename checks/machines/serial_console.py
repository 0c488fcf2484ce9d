"""Serial consoles of machines do not answer on the internet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.core import Unread
from collectors.facts.machines import MachineSignIn


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per machine."""
    for each in facts.of(MachineSignIn):
        value = each.console
        yield decide(
            each,
            value if isinstance(value, Unread) else not value,
            yes="the serial console is off",
            no="the serial console answers on the internet, whatever firewalls say",
        )


CHECK = Check(
    id="machines.serial_console",
    title="Serial consoles of machines are off",
    criteria=(
        Criterion("CC6.6", PARTIAL, "a way in that no firewall guards is shut"),
        Criterion("CC6.1", PARTIAL, "machines are reached by the ways that the company guards"),
    ),
    severity="medium",
    needs=(MachineSignIn,),
    remediation="Set serial-port-enable to FALSE, or take it out, in the metadata of the Google Cloud instance "
    "and of its project.",
    equivalents={"prowler": ("compute_instance_serial_ports_in_use",)},
    judge=judge,
)
