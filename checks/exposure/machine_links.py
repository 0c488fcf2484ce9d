"""Nobody gets to the sign-in of a machine by a link alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.core import Unread
from collectors.facts.network import MachineGateway


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per gateway."""
    for each in facts.of(MachineGateway):
        links = each.links
        yield decide(
            each,
            links if isinstance(links, Unread) else not links,
            yes="whoever comes by it has signed in at the provider",
            no="links lead to machines without a sign-in at the provider",
        )


CHECK = Check(
    id="exposure.machine_links",
    title="Machines are not reached by a link alone",
    criteria=(
        Criterion("CC6.1", PARTIAL, "the second factor of the directory stands before every machine"),
        Criterion("CC6.6", PARTIAL, "outsiders with a link find no sign-in to try"),
    ),
    severity="medium",
    needs=(MachineGateway,),
    remediation="Turn off shareable links of the Azure Bastion (enableShareableLink), and delete those that were made.",
    equivalents={},
    judge=judge,
)
