"""Answers about the company's public names are signed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    PARTIAL,
    Check,
    Criterion,
    Facts,
    Finding,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from collectors.facts.network import DnsZone


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per zone; nobody outside asks a private one."""
    for zone in facts.of(DnsZone):
        if zone.public is False:
            yield not_applicable(zone, "zone is private")
        elif zone.signed is True:
            yield passes(zone, "answers are signed")
        elif gaps := unread_in(zone.public, zone.signed):
            yield unknown(zone, *gaps)
        else:
            yield fails(zone, "zone is public, and its answers are not signed")


CHECK = Check(
    id="encryption.dns_signed",
    title="Public DNS zones are signed",
    criteria=(Criterion("CC6.7", PARTIAL, "traffic is not led astray by forged answers"),),
    severity="medium",
    needs=(DnsZone,),
    remediation="Turn on DNSSEC for the zone (Google Cloud DNS, dnssecConfig.state on; Route 53, DNSSEC signing of the "
    "hosted zone; Azure DNS, DNSSEC of the zone), and publish its DS record at the registrar.",
    equivalents={"prowler": ("dns_dnssec_disabled",), "cis": ("GCP 3.3",)},
    judge=judge,
)
