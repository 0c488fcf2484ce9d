"""Every subnet has firewall rules before it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    PARTIAL,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Params,
    decide,
    not_applicable,
)
from collectors.facts.network import Subnet


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per subnet."""
    for subnet in facts.of(Subnet):
        if subnet.guarded is None:
            yield not_applicable(subnet, "holds a service that the provider guards by itself")
        else:
            yield decide(
                subnet, subnet.guarded, yes="has firewall rules before it", no="has no firewall rules before it"
            )


CHECK = Check(
    id="exposure.subnet_guarded",
    title="Subnets have firewall rules",
    criteria=(
        Criterion("CC6.6", PARTIAL, "whatever is put there stands behind rules from its first minute"),
        Criterion("CC6.1", SUPPORTING, "parts of the network are kept apart"),
    ),
    severity="medium",
    needs=(Subnet,),
    remediation="Put a network security group before the Azure subnet.",
    equivalents={"prowler": ("network_subnet_nsg_associated",)},
    judge=judge,
)
