"""Network firewalls stop traffic of attackers that the provider knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.network import NetworkFirewall


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per firewall."""
    for each in facts.of(NetworkFirewall):
        yield decide(
            each,
            each.stops_known_attackers,
            yes="traffic of known attackers is refused",
            no="traffic of known attackers is let through, noted at best",
        )


CHECK = Check(
    id="exposure.known_attackers",
    title="Network firewalls stop known attackers",
    criteria=(
        Criterion("CC6.6", PARTIAL, "outsiders who are known to be hostile are kept out at the edge"),
        Criterion("CC6.8", SUPPORTING, "programs that got in cannot call those who sent them"),
        Criterion("CC7.2", SUPPORTING, "each attempt leaves a record"),
    ),
    severity="medium",
    needs=(NetworkFirewall,),
    remediation="Set the threat intelligence mode of the Azure Firewall, or of its policy, to Alert and deny (Deny).",
    equivalents={},
    judge=judge,
)
