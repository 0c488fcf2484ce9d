"""Threat detection runs in every region scanned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.monitoring import ThreatDetector


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per region; a region without a detector fails."""
    for detector in facts.of(ThreatDetector):
        yield decide(
            detector,
            detector.enabled,
            yes="threat detection is on",
            no="threat detection is absent or suspended",
        )


CHECK = Check(
    id="audit_trail.threat_detection",
    title="Threat detection is on",
    criteria=(
        Criterion("CC7.2", DIRECT, "signs of attack are looked for all the time"),
        Criterion("CC6.6", PARTIAL, "attacks across the boundary are noticed"),
        Criterion("CC6.8", PARTIAL, "behavior of malicious software is noticed"),
        Criterion("CC7.1", SUPPORTING, "exploited weaknesses come to light"),
    ),
    severity="high",
    needs=(ThreatDetector,),
    remediation="On AWS, enable GuardDuty in the region (CreateDetector with Enable), best for all accounts through "
    "the organization's delegated administrator.  On Azure, turn on the plans of Defender for Cloud.  On Google Cloud, "
    "turn on Event Threat Detection of Security Command Center.",
    equivalents={
        "prowler": ("guardduty_is_enabled",),
        "aws_config": ("guardduty-enabled-centralized",),
        "security_hub": ("GuardDuty.1",),
    },
    judge=judge,
)
