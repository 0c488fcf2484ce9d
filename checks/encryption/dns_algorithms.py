"""Signatures of DNS answers rest on algorithms that hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    PARTIAL,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from checks.thresholds import names
from collectors.facts.core import Unread
from collectors.facts.network import DnsZone


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per zone; a weak algorithm of either kind of key decides."""
    weak = {name.lower() for name in names(params, "weak")}
    for zone in facts.of(DnsZone):
        kinds = (zone.key_signing, zone.zone_signing)
        used = {name for each in kinds if not isinstance(each, Unread) for name in each}
        if found := sorted(used & weak):
            yield fails(zone, f"zone is signed with {', '.join(found)}")
        elif gaps := unread_in(*kinds):
            yield unknown(zone, *gaps)
        elif not used:
            yield not_applicable(zone, "zone is not signed")
        else:
            yield passes(zone, f"zone is signed with {', '.join(sorted(used))}")


CHECK = Check(
    id="encryption.dns_algorithms",
    title="DNS zones are signed with strong algorithms",
    criteria=(Criterion("CC6.7", PARTIAL, "a signature cannot be forged along with the answer"),),
    severity="medium",
    needs=(DnsZone,),
    remediation="Give the zone keys of another algorithm, such as ECDSAP256SHA256: in Google Cloud DNS, turn DNSSEC "
    "off, set the key specifications, turn it on, and replace the DS record.  Route 53 and Azure DNS always do so.",
    equivalents={
        "prowler": ("dns_rsasha1_in_use_to_key_sign_in_dnssec", "dns_rsasha1_in_use_to_zone_sign_in_dnssec"),
        "cis": ("GCP 3.4", "GCP 3.5"),
    },
    judge=judge,
    params=(Param("weak", ("rsasha1",), "algorithms", "those with which no zone may be signed"),),
)
