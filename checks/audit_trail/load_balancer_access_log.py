"""Requests to load balancers are logged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide, not_applicable
from collectors.facts.network import LoadBalancer


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per load balancer; some kinds have no access log."""
    for balancer in facts.of(LoadBalancer):
        if balancer.access_logged is None:
            yield not_applicable(balancer, "this kind of load balancer has no access log")
        else:
            yield decide(balancer, balancer.access_logged, yes="requests are logged", no="requests are not logged")


CHECK = Check(
    id="audit_trail.load_balancer_access_log",
    title="Load balancers log requests",
    criteria=(
        Criterion("CC7.2", PARTIAL, "attacks on the front door can be noticed"),
        Criterion("CC7.3", SUPPORTING, "shows who asked for what during an event"),
    ),
    severity="medium",
    needs=(LoadBalancer,),
    remediation="On AWS turn on access logs of the load balancer (attribute access_logs.s3.enabled, or AccessLog of a "
    "classic one) with a bucket as target; on Azure send ApplicationGatewayAccessLog of the gateway to a log store by "
    "a diagnostic setting.  On Google Cloud turn on logging of each backend service.",
    equivalents={
        "prowler": (
            "compute_loadbalancer_logging_enabled",
            "elb_logging_enabled",
            "elbv2_logging_enabled",
        ),
        "aws_config": ("elb-logging-enabled",),
        "security_hub": ("ELB.5",),
    },
    judge=judge,
)
