"""Load balancers go on when one zone is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    fails,
    passes,
    unknown,
)
from checks.thresholds import number
from collectors.facts.core import Unread
from collectors.facts.network import LoadBalancer


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per load balancer."""
    minimum = number(params, "minimum")
    for balancer in facts.of(LoadBalancer):
        if isinstance(balancer.zones, Unread):
            yield unknown(balancer, balancer.zones)
        elif balancer.zones < minimum:
            yield fails(balancer, f"number of zones is {balancer.zones}, less than {minimum}")
        else:
            yield passes(balancer, f"number of zones is {balancer.zones}")


CHECK = Check(
    id="backup.load_balancer_zones",
    title="Load balancers span two zones",
    criteria=(
        Criterion("A1.2", DIRECT, "the service stays reachable when a zone fails"),
        Criterion("CC9.1", SUPPORTING, "softens a disruption before it happens"),
    ),
    severity="medium",
    needs=(LoadBalancer,),
    remediation="On AWS add subnets of another zone to the load balancer (SetSubnets); on Azure give the application "
    "gateway, or the frontend or public address of the load balancer, the zones of its region.",
    equivalents={
        "prowler": ("elbv2_is_in_multiple_az",),
        "aws_config": ("elbv2-multiple-az",),
        "security_hub": ("ELB.13",),
    },
    judge=judge,
    params=(Param("minimum", 2, "zones", "smallest number of zones"),),
)
