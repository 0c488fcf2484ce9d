"""Machines look for updates of their system and have them installed, as the provider sees it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, SUPPORTING, Check, Criterion, Facts, Finding, Params
from checks.assessments import judge_assessments
from collectors.facts.detection import Assessment

TOPIC = "system_updates"


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per machine and question that the provider asks of it."""
    yield from judge_assessments(
        facts,
        TOPIC,
        healthy="updates are looked for and installed",
        unhealthy="updates are missing or not looked for",
    )


CHECK = Check(
    id="detection.system_updates",
    title="Machines have their system updates",
    criteria=(
        Criterion("CC7.1", DIRECT, "known flaws of systems are found and closed"),
        Criterion("CC7.4", SUPPORTING, "weaknesses that were found are removed"),
    ),
    severity="high",
    needs=(Assessment,),
    remediation="Install the missing updates, and let the machine look for them by itself: on Azure, Update Manager "
    "with periodic assessment (patchSettings.assessmentMode AutomaticByPlatform); on AWS, Patch Manager of "
    "Systems Manager; on Google Cloud, patch jobs of VM Manager.",
    equivalents={"prowler": ("defender_ensure_system_updates_are_applied", "ssm_managed_compliant_patching")},
    judge=judge,
)
