"""Backup plans keep backups long enough to notice a loss."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Param, Params, fails, passes, unknown
from checks.thresholds import number
from collectors.facts.core import Unread
from collectors.facts.recovery import BackupPlan


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per plan, about its rule that deletes soonest."""
    minimum = number(params, "minimum_days")
    for plan in facts.of(BackupPlan):
        shortest = plan.shortest_retention_days
        if isinstance(shortest, Unread):
            yield unknown(plan, shortest)
        elif shortest is None:
            yield passes(plan, "backups are kept for ever")
        elif shortest < minimum:
            yield fails(plan, f"some rule deletes backups after {shortest} days, before {minimum} days")
        else:
            yield passes(plan, f"no rule deletes backups before {shortest} days")


CHECK = Check(
    id="backup.plan_retention",
    title="Backup plans keep backups for a week",
    criteria=(
        Criterion("A1.2", PARTIAL, "a loss noticed days later can still be undone"),
        Criterion("PI1.5", PARTIAL, "items spoiled days ago can be brought back"),
        Criterion("CC7.5", SUPPORTING, "there is a backup from before the incident"),
    ),
    severity="medium",
    needs=(BackupPlan,),
    remediation="Raise DeleteAfterDays in the lifecycle of the plan's rules. On Azure raise the retention of the "
    "policy in the vault.",
    equivalents={
        "aws_config": ("backup-plan-min-frequency-and-min-retention-check",),
    },
    judge=judge,
    params=(Param("minimum_days", 7, "days", "shortest time that a rule keeps backups"),),
)
