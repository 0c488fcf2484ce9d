"""No foreign network joins the company's own before somebody has looked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.core import Unread
from collectors.facts.network import NetworkHub


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per router."""
    for hub in facts.of(NetworkHub):
        value = hub.joins_unasked
        yield decide(
            hub,
            value if isinstance(value, Unread) else not value,
            yes="a network of another account joins once somebody has accepted it",
            no="a network of another account joins as soon as it asks",
        )


CHECK = Check(
    id="exposure.network_hub",
    title="Networks of other accounts join only when accepted",
    criteria=(
        Criterion("CC6.6", PARTIAL, "the edge of the network moves only when somebody decides so"),
        Criterion("CC6.1", PARTIAL, "what is inside the network is what the company put there"),
    ),
    severity="high",
    needs=(NetworkHub,),
    remediation="Set AutoAcceptSharedAttachments of the AWS transit gateway to disable, and look at what has joined.",
    equivalents={
        "prowler": ("ec2_transitgateway_auto_accept_vpc_attachments",),
        "aws_config": ("ec2-transit-gateway-auto-vpc-attach-disabled",),
        "security_hub": ("EC2.23",),
    },
    judge=judge,
)
