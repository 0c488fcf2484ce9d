"""Backup plans copy backups to a second region or account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.recovery import BackupPlan


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per plan."""
    for plan in facts.of(BackupPlan):
        yield decide(
            plan,
            plan.copies_elsewhere,
            yes="some rule copies backups to another region or account",
            no="no rule copies backups to another region or account",
        )


CHECK = Check(
    id="backup.plan_copies_elsewhere",
    title="Backups are copied to a second place",
    criteria=(
        Criterion("A1.2", PARTIAL, "a backup outlives the place that it was made in"),
        Criterion("CC9.1", SUPPORTING, "softens the loss of a region or an account"),
        Criterion("PI1.5", SUPPORTING, "a second copy can be compared with the first"),
    ),
    severity="medium",
    needs=(BackupPlan,),
    remediation="Add CopyActions to a rule of the plan, with a vault in another region or account as destination. "
    "On Azure set the redundancy of the vault to geo-redundant before it protects anything.",
    equivalents={},
    judge=judge,
)
