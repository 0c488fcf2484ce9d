"""Audit trails record both reads and writes of the management plane."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, SUPPORTING, Check, Criterion, Facts, Finding, Params
from checks.recording import judge_recording
from collectors.facts.monitoring import AuditTrail


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per trail; a trail that is off records nothing."""
    for trail in facts.of(AuditTrail):
        yield judge_recording(trail, trail.management_reads, trail.management_writes, "management events")


CHECK = Check(
    id="audit_trail.management_events",
    title="Audit trails record all management events",
    criteria=(
        Criterion("CC7.2", DIRECT, "every change and look at the configuration leaves a record"),
        Criterion("CC7.3", SUPPORTING, "an event is judged from the calls around it"),
    ),
    severity="high",
    needs=(AuditTrail,),
    remediation="On AWS, select management events with ReadWriteType All on the trail (PutEventSelectors), and start "
    "its logging.  On Azure, send the categories Administrative, Security, Alert and Policy of the activity log.  On "
    "Google Cloud, turn on the data access logs of all services (allServices, ADMIN_READ) without exempted members.",
    equivalents={
        "prowler": (
            "cloudtrail_bedrock_logging_enabled",
            "cloudtrail_multi_region_enabled_logging_management_events",
            "monitor_diagnostic_setting_with_appropriate_categories",
            "iam_audit_logs_enabled",
        ),
        "security_hub": ("CloudTrail.1",),
        "cis": ("AWS 3.1",),
    },
    judge=judge,
)
