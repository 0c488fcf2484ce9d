"""Machines have protection against hostile programs, as the provider sees it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, SUPPORTING, Check, Criterion, Facts, Finding, Params
from checks.assessments import judge_assessments
from collectors.facts.detection import Assessment

TOPIC = "endpoint_protection"


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per machine and question that the provider asks of it."""
    yield from judge_assessments(
        facts,
        TOPIC,
        healthy="endpoint protection is installed",
        unhealthy="endpoint protection is missing",
    )


CHECK = Check(
    id="detection.endpoint_protection",
    title="Machines have endpoint protection",
    criteria=(
        Criterion("CC6.8", DIRECT, "hostile programs are stopped or noticed where they run"),
        Criterion("CC7.2", SUPPORTING, "signs of attack on a machine are reported"),
    ),
    severity="high",
    needs=(Assessment,),
    remediation="Install endpoint protection on the machine: on Azure, let Defender for Servers deploy Defender for "
    "Endpoint, or install a solution that Defender for Cloud knows; on Google Cloud, turn on VM Threat Detection in "
    "Security Command Center.",
    equivalents={"prowler": ("defender_assessments_vm_endpoint_protection_installed",)},
    judge=judge,
)
