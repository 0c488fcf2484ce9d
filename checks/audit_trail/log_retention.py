"""Logs are kept long enough to look back over a period."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Param, Params, fails, passes, unknown
from checks.thresholds import number
from collectors.facts.core import Unread
from collectors.facts.monitoring import LogStore


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per log store; one whose logs never expire passes."""
    minimum = number(params, "minimum_days")
    for store in facts.of(LogStore):
        if isinstance(store.retention_days, Unread):
            yield unknown(store, store.retention_days)
        elif store.retention_days is None:
            yield passes(store, "logs never expire")
        elif store.retention_days < minimum:
            yield fails(store, f"logs are kept for {store.retention_days} days, less than {minimum} days")
        else:
            yield passes(store, f"logs are kept for {store.retention_days} days")


CHECK = Check(
    id="audit_trail.log_retention",
    title="Logs are kept for a year",
    criteria=(
        Criterion("CC7.2", PARTIAL, "an anomaly may show only against last year's logs"),
        Criterion("CC7.3", PARTIAL, "an event found late can still be judged from its logs"),
        Criterion("CC7.4", SUPPORTING, "responders need the logs of the whole incident"),
    ),
    severity="medium",
    needs=(LogStore,),
    remediation="Set the retention to the required number of days or more: on AWS, of the log group "
    "(PutRetentionPolicy); on Azure, the total retention of the workspace's tables (totalRetentionInDays); on Google "
    "Cloud, of the log bucket (_Default keeps 30 days).",
    equivalents={
        "prowler": ("cloudwatch_log_group_retention_policy_specific_days_enabled",),
        "aws_config": ("cw-loggroup-retention-period-check",),
        "security_hub": ("CloudWatch.16",),
    },
    judge=judge,
    params=(Param("minimum_days", 365, "days", "shortest time that logs are kept"),),
)
