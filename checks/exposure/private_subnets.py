"""Networks have a part that the internet has no way into, so that only what faces it stands in the other."""

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
    fails,
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from collectors.facts.core import Unread
from collectors.facts.network import NetworkSubnets


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per network; one without any public part is the safer for it."""
    for network in facts.of(NetworkSubnets):
        apart = network.private
        if network.in_use is False:
            yield not_applicable(network, "holds nothing")
        elif not isinstance(apart, Unread) and apart:
            yield passes(network, f"subnets that the internet has no way into: {len(apart)}")
        elif gaps := unread_in(apart, network.in_use):
            yield unknown(network, *gaps)
        else:
            yield fails(network, "the internet has a way into each subnet")


CHECK = Check(
    id="exposure.private_subnets",
    title="Networks have private subnets",
    criteria=(
        Criterion("CC6.6", PARTIAL, "what outsiders do not use has a place that they cannot reach"),
        Criterion("CC6.1", SUPPORTING, "parts of the network are kept apart"),
    ),
    severity="medium",
    needs=(NetworkSubnets,),
    remediation="Make subnets whose route table names no internet gateway, move all but load balancers and NAT "
    "gateways there, and let machines out through the NAT gateway.",
    equivalents={"prowler": ("vpc_subnet_separate_private_public",)},
    judge=judge,
)
