"""The traffic of every virtual network is logged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.network import Network


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per network, used or not."""
    for network in facts.of(Network):
        traffic = f"{network.flow_log_traffic} traffic" if isinstance(network.flow_log_traffic, str) else "traffic"
        yield decide(
            network,
            network.flow_logged,
            yes=f"a working flow log records {traffic}",
            no="no working flow log records traffic",
        )


CHECK = Check(
    id="audit_trail.flow_logs",
    title="Network traffic is logged",
    criteria=(
        Criterion("CC7.2", DIRECT, "unusual traffic shows only where traffic is recorded"),
        Criterion("CC7.3", SUPPORTING, "shows where data went during an event"),
    ),
    severity="medium",
    needs=(Network,),
    remediation="On AWS, create a VPC flow log (CreateFlowLogs) for the network, and mend its role or destination if "
    "DeliverLogsStatus is FAILED.  On Azure, create a virtual network flow log in Network Watcher. On "
    "Google Cloud turn on flow logs of every subnet.",
    equivalents={
        "prowler": (
            "compute_subnet_flow_logs_enabled",
            "vpc_flow_logs_enabled",
        ),
        "aws_config": ("vpc-flow-logs-enabled",),
        "security_hub": ("EC2.6",),
        "cis": ("AWS 3.7",),
    },
    judge=judge,
)
