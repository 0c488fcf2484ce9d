"""Machines start nothing but signed code."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.machines import Machine


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per machine or model."""
    for machine in facts.of(Machine):
        yield decide(
            machine,
            machine.trusted_boot,
            yes="starts signed code only, measured by a trusted-platform module",
            no="does not start by signed and measured code only",
        )


CHECK = Check(
    id="machines.trusted_boot",
    title="Machines boot signed code only",
    criteria=(
        Criterion("CC6.8", PARTIAL, "hostile code cannot settle below the operating system"),
        Criterion("CC7.1", PARTIAL, "a machine that starts differently is found out"),
    ),
    severity="low",
    needs=(Machine,),
    remediation="Choose the security type Trusted launch with secure boot and vTPM for the Azure machine or scale "
    "set; on AWS use images with UEFI secure boot and NitroTPM, on Google Cloud shielded machines.",
    equivalents={},
    judge=judge,
)
