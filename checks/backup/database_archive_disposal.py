"""Long-term copies of databases are deleted when their time is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Param, Params, fails, not_applicable, passes, unknown
from checks.thresholds import number
from collectors.facts.core import Unread
from collectors.facts.data_access import DatabaseArchive


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per database; one without long-term copies has nothing to dispose of."""
    maximum = number(params, "maximum_days")
    for archive in facts.of(DatabaseArchive):
        days = archive.longest_days
        if isinstance(days, Unread):
            yield unknown(archive, days)
        elif days == 0:
            yield not_applicable(archive, "no long-term copies are kept")
        elif days > maximum:
            yield fails(archive, f"long-term copies are kept for {days} days, more than {maximum} days")
        else:
            yield passes(archive, f"long-term copies are deleted after {days} days")


CHECK = Check(
    id="backup.database_archive_disposal",
    title="Long-term copies of databases are deleted in time",
    criteria=(
        Criterion("C1.2", PARTIAL, "confidential records do not live on in old copies"),
        Criterion("P4.3", PARTIAL, "personal data ends in the copies too"),
    ),
    severity="low",
    needs=(DatabaseArchive,),
    remediation="Shorten the long-term retention of the Azure SQL database (weekly, monthly and yearly retention).",
    equivalents={},
    judge=judge,
    params=(Param("maximum_days", 3653, "days", "longest time for which a copy may be kept"),),
)
