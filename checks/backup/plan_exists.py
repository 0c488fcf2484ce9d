"""Some plan of the central backup service exists in every region scanned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.recovery import BackupCoverage


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per region."""
    for coverage in facts.of(BackupCoverage):
        if isinstance(coverage.plans, Unread):
            yield unknown(coverage, coverage.plans)
        elif coverage.plans == 0:
            yield fails(coverage, "there is no backup plan")
        else:
            yield passes(coverage, f"number of backup plans is {coverage.plans}")


CHECK = Check(
    id="backup.plan_exists",
    title="A central backup plan exists",
    criteria=(
        Criterion("A1.2", PARTIAL, "backups follow a schedule instead of somebody's memory"),
        Criterion("PI1.5", SUPPORTING, "stored records have copies made by plan"),
    ),
    severity="medium",
    needs=(BackupCoverage,),
    remediation="Create an AWS Backup plan in the region (CreateBackupPlan). On Azure make a policy in a Recovery "
    "Services vault or Backup vault and protect something with it.",
    equivalents={
        "prowler": ("backup_plans_exist",),
    },
    judge=judge,
)
