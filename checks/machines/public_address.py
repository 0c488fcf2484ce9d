"""Machines have no addresses on the internet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Param, Params, fails, passes, unknown
from checks.thresholds import names
from collectors.facts.core import Unread
from collectors.facts.machines import MachineAddresses


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per machine."""
    approved = names(params, "approved")
    for machine in facts.of(MachineAddresses):
        found = machine.public
        if isinstance(found, Unread):
            yield unknown(machine, found)
        elif not found:
            yield passes(machine, "has no address on the internet")
        elif any(fnmatchcase(machine.resource.name, each) for each in approved):
            yield passes(machine, f"is on the list, with {' and '.join(found)}")
        else:
            yield fails(machine, f"is reached from the internet at {' and '.join(found)}, and is not on the list")


CHECK = Check(
    id="machines.public_address",
    title="Machines have no addresses on the internet",
    criteria=(
        Criterion("CC6.6", DIRECT, "outsiders have no machine to knock at"),
        Criterion("CC6.1", PARTIAL, "the network keeps machines apart from the internet"),
    ),
    severity="high",
    needs=(MachineAddresses,),
    remediation="Take the access configuration off the interface of the Google Cloud instance, reach it through "
    "Identity-Aware Proxy and let it out through Cloud NAT; on AWS move the instance into a private subnet behind a "
    "NAT gateway, and reach it through Session Manager; or approve it in the parameters of this check.",
    equivalents={
        "prowler": (
            "compute_instance_public_ip",
            "ec2_confidential_workload_host_public_ip",
            "ec2_instance_public_ip",
            "ec2_launch_template_no_public_ip",
        )
    },
    judge=judge,
    params=(Param("approved", (), "names of machines, * for any text", "those that may have an address"),),
)
