"""Names that machines look up are written down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.network import DnsQueries


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per network."""
    for each in facts.of(DnsQueries):
        yield decide(
            each,
            each.logged,
            yes="lookups of names are logged",
            no="lookups of names are not logged",
        )


CHECK = Check(
    id="audit_trail.dns_queries",
    title="Lookups of names are logged",
    criteria=(
        Criterion("CC7.2", PARTIAL, "a machine that calls an attacker is noticed by the name that it asks for"),
        Criterion("CC7.3", SUPPORTING, "shows which machines asked for a name during an event"),
    ),
    severity="medium",
    needs=(DnsQueries,),
    remediation="On Google Cloud put a DNS server policy with logging on the network; on AWS make a query logging "
    "configuration of the Route 53 Resolver for the VPC; on Azure link a DNS security policy to the virtual network, "
    "with a diagnostic setting for DnsResponse.",
    equivalents={"prowler": ("compute_network_dns_logging_enabled",)},
    judge=judge,
)
