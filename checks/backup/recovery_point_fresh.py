"""Whatever the central backup service protects has a recent backup."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    PARTIAL,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    fails,
    passes,
    unknown,
)
from checks.thresholds import number
from checks.when import day, older_than
from collectors.facts.core import Unread
from collectors.facts.recovery import ProtectedResource


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per resource that the service has backed up."""
    hours = number(params, "max_age_hours")
    for protected in facts.of(ProtectedResource):
        newest = protected.last_backup
        if isinstance(newest, Unread):
            yield unknown(protected, newest)
        elif newest is None:
            yield fails(protected, "no backup was ever completed")
        elif older_than(newest, hours / 24, now):
            yield fails(protected, f"newest backup was made on {day(newest)}, more than {hours} hours ago")
        else:
            yield passes(protected, f"newest backup was made within {hours} hours")


CHECK = Check(
    id="backup.recovery_point_fresh",
    title="Protected resources have a recent backup",
    criteria=(
        Criterion("A1.2", DIRECT, "backups go on being made, not only planned"),
        Criterion("PI1.5", PARTIAL, "what was stored lately is not lost with its resource"),
        Criterion("CC7.5", SUPPORTING, "recovery from an incident starts from a current copy"),
    ),
    severity="high",
    needs=(ProtectedResource,),
    remediation="Look for failed AWS Backup jobs of the resource (ListBackupJobs), and for a plan that no longer "
    "selects it. On Azure look for failed jobs of the vault.",
    equivalents={},
    judge=judge,
    params=(Param("max_age_hours", 48, "hours", "greatest age of the newest backup"),),
    time_dependent=True,
)
