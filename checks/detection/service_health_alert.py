"""Somebody is told when the provider's own services fail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.alerting import told
from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.detection import ChangeAlert
from collectors.facts.monitoring import AuditCoverage

INCIDENT = "health:incident"


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account."""
    for account in facts.of(AuditCoverage):
        value, alerts = told(facts, INCIDENT)
        if isinstance(value, Unread):
            yield unknown(account, value)
        elif value:
            yield passes(account, f"{alerts[0].resource.name} tells somebody of incidents of the provider", *alerts)
        else:
            yield fails(account, "no alert tells anybody of incidents of the provider")


CHECK = Check(
    id="detection.service_health_alert",
    title="Incidents of the provider raise an alert",
    criteria=(
        Criterion("CC7.2", PARTIAL, "a failure below the company's own systems is seen early"),
        Criterion("CC7.4", SUPPORTING, "responders know when the cause is not their own"),
    ),
    severity="medium",
    needs=(AuditCoverage, ChangeAlert),
    remediation="Create an alert on the provider's health events that names receivers: on Azure, an activity log alert "
    "with the category ServiceHealth and an action group; on AWS, an EventBridge rule on aws.health with an SNS topic.",
    equivalents={},
    judge=judge,
)
