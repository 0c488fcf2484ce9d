"""Nothing gets an address on the internet merely by where it is put."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase

from checks.api import (
    PARTIAL,
    SUPPORTING,
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
from collectors.facts.network import SubnetAddresses


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per subnet; one that holds nothing gives nothing away."""
    approved = names(params, "approved")
    for subnet in facts.of(SubnetAddresses):
        if subnet.in_use is False:
            yield not_applicable(subnet, "holds nothing")
        elif subnet.given is False:
            yield passes(subnet, "gives no public addresses by itself")
        elif gaps := unread_in(subnet.given, subnet.in_use):
            yield unknown(subnet, *gaps)
        elif any(fnmatchcase(subnet.resource.name, each) for each in approved):
            yield passes(subnet, "gives public addresses, and is on the list")
        else:
            yield fails(subnet, "gives each machine a public address by itself, and is not on the list")


CHECK = Check(
    id="exposure.subnet_addresses",
    title="Subnets give no public addresses by themselves",
    criteria=(
        Criterion("CC6.6", PARTIAL, "only what was meant for the internet gets an address there"),
        Criterion("CC6.1", SUPPORTING, "machines stay apart from the internet unless somebody says otherwise"),
    ),
    severity="medium",
    needs=(SubnetAddresses,),
    remediation="Turn off auto-assign public IPv4 address of the AWS subnet (MapPublicIpOnLaunch), give addresses to "
    "those machines and load balancers that need one, or approve the subnet in the parameters of this check.",
    equivalents={
        "prowler": ("vpc_subnet_no_public_ip_by_default",),
        "aws_config": ("subnet-auto-assign-public-ip-disabled",),
        "security_hub": ("EC2.15",),
    },
    judge=judge,
    params=(Param("approved", (), "names of subnets, * for any text", "those that may give public addresses"),),
)
