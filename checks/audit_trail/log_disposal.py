"""Logs are deleted in the end, with whatever confidential or personal data they picked up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Param, Params, fails, passes, unknown
from checks.thresholds import number
from collectors.facts.core import Unread
from collectors.facts.monitoring import LogStore


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per log store; one whose logs never expire fails."""
    maximum = number(params, "maximum_days")
    for store in facts.of(LogStore):
        if isinstance(store.retention_days, Unread):
            yield unknown(store, store.retention_days)
        elif store.retention_days is None:
            yield fails(store, "logs never expire")
        elif store.retention_days > maximum:
            yield fails(store, f"logs are kept for {store.retention_days} days, more than {maximum} days")
        else:
            yield passes(store, f"logs are deleted after {store.retention_days} days")


CHECK = Check(
    id="audit_trail.log_disposal",
    title="Logs are deleted when their retention ends",
    criteria=(
        Criterion("C1.2", PARTIAL, "confidential details in logs are destroyed when their retention ends"),
        Criterion("P4.3", PARTIAL, "personal data in logs is destroyed when its retention ends"),
    ),
    severity="low",
    needs=(LogStore,),
    remediation="Set the retention to the period of the company's retention schedule: on AWS, of the log group "
    "(PutRetentionPolicy); on Azure, of the workspace and its tables (totalRetentionInDays).",
    equivalents={},
    judge=judge,
    params=(Param("maximum_days", 3653, "days", "longest time that logs are kept"),),
)
