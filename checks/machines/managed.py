"""Machines are reached by the service that patches them and keeps their inventory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide, not_applicable
from collectors.facts.machines import MachineManagement


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per machine; one that is stopped answers nobody."""
    for machine in facts.of(MachineManagement):
        if machine.running is False:
            yield not_applicable(machine, "does not run")
        else:
            yield decide(
                machine,
                # Whether it runs matters for a machine that nobody reaches: an answer proves that it does.
                machine.reached if machine.running is True or machine.reached is True else machine.running,
                yes="its agent answers the service that manages machines",
                no="runs, and its agent does not answer the service that manages machines",
            )


CHECK = Check(
    id="machines.managed",
    title="Machines answer the service that manages them",
    criteria=(
        Criterion("CC7.1", PARTIAL, "what runs on a machine, and which updates it lacks, can be seen"),
        Criterion("CC6.8", SUPPORTING, "programs that nobody approved can be found"),
    ),
    severity="medium",
    needs=(MachineManagement,),
    remediation="Install the agent of Systems Manager on the EC2 instance and let it reach the service: a role with "
    "AmazonSSMManagedInstanceCore, or Default Host Management, and a way out or VPC endpoints.",
    equivalents={
        "prowler": ("ec2_instance_managed_by_ssm",),
        "aws_config": ("ec2-instance-managed-by-systems-manager",),
        "security_hub": ("SSM.1",),
    },
    judge=judge,
)
