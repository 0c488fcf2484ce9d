"""Credentials of machines are handed out to their own programs only, and not to whoever makes one fetch an address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params, decide, not_applicable
from collectors.facts.machines import MachineMetadata


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per machine or model; a model that is silent leaves it to the machines, which are judged."""
    for each in facts.of(MachineMetadata):
        if each.token_required is None:
            yield not_applicable(each, "leaves the metadata service to the settings of each machine")
        else:
            yield decide(
                each,
                each.token_required,
                yes="the metadata service takes a token, or is off",
                no="the metadata service answers requests without a token",
            )


CHECK = Check(
    id="machines.metadata_token",
    title="Metadata services of machines take a token",
    criteria=(
        Criterion("CC6.1", DIRECT, "a program that is made to fetch an address gives no credentials away"),
        Criterion("CC6.6", PARTIAL, "requests from outside do not reach what is meant for the machine"),
    ),
    severity="high",
    needs=(MachineMetadata,),
    remediation="Set HttpTokens to required in the metadata options of the EC2 instance and of the launch template, "
    "and in the account's defaults (ModifyInstanceMetadataDefaults), once no program asks without a token "
    "(metric MetadataNoToken).",
    equivalents={
        "prowler": ("ec2_confidential_workload_host_imdsv2_not_enforced", "ec2_instance_imdsv2_enabled"),
        "aws_config": ("ec2-imdsv2-check",),
        "security_hub": ("EC2.8",),
    },
    judge=judge,
)
