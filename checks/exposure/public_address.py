"""Every address on the internet was approved."""

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
from checks.networks import within
from checks.thresholds import names
from collectors.facts.core import Unread
from collectors.facts.network import PublicAddress


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per address; one that nothing answers to opens nothing."""
    approved = names(params, "approved")
    for each in facts.of(PublicAddress):
        if each.in_use is False:
            yield not_applicable(each, "nothing answers to this address")
        elif each.address is None:
            yield not_applicable(each, "has no address at this time")
        elif not isinstance(each.address, Unread) and within(each.address, approved):
            yield passes(each, f"{each.address} is on the list")
        elif gaps := unread_in(each.in_use, each.address):
            yield unknown(each, *gaps)
        else:
            yield fails(each, f"{each.address} is in use and not on the list")


CHECK = Check(
    id="exposure.public_address",
    title="Addresses on the internet are approved",
    criteria=(
        Criterion("CC6.6", PARTIAL, "the company knows every place at which outsiders can knock"),
        Criterion("CC7.1", PARTIAL, "a new place on the internet is noticed"),
    ),
    severity="medium",
    needs=(PublicAddress,),
    remediation="Approve the address in the parameters of this check, or take it away from what uses it (on Azure the "
    "public IP address of the interface, gateway or load balancer; on AWS the Elastic IP, or the subnet's setting to "
    "hand out addresses).",
    equivalents={},
    judge=judge,
    params=(Param("approved", (), "addresses or networks", "those that may be in use"),),
)
