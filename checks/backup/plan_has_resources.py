"""Every backup plan has something to back up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.recovery import BackupPlan


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per plan."""
    for plan in facts.of(BackupPlan):
        if isinstance(plan.selections, Unread):
            yield unknown(plan, plan.selections)
        elif plan.selections == 0:
            yield fails(plan, "no resource is assigned to the plan")
        else:
            yield passes(plan, f"number of selections that assign resources is {plan.selections}")


CHECK = Check(
    id="backup.plan_has_resources",
    title="Backup plans have resources assigned",
    criteria=(Criterion("A1.2", PARTIAL, "a plan without resources backs up nothing"),),
    severity="medium",
    needs=(BackupPlan,),
    remediation="Assign resources to the plan, by tag or by ARN (CreateBackupSelection), or delete the plan.",
    equivalents={},
    judge=judge,
)
