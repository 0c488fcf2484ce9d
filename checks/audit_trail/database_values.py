"""PostgreSQL servers write down no statements for being slow, which would put their values into the log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.data_access import StatementLog

OFF = -1
"""What PostgreSQL takes for never."""


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per server."""
    for log in facts.of(StatementLog):
        slow = log.slow_milliseconds
        if isinstance(slow, Unread):
            yield unknown(log, slow)
        elif slow == OFF:
            yield passes(log, "slow statements are not recorded")
        else:
            yield fails(log, f"statements of {slow} ms and more are recorded with their values")


CHECK = Check(
    id="audit_trail.database_values",
    title="PostgreSQL servers record no values of slow statements",
    criteria=(
        Criterion("C1.1", PARTIAL, "confidential values do not end up in logs that others read"),
        Criterion("CC6.1", SUPPORTING, "whoever reads the log does not read the data"),
    ),
    severity="low",
    needs=(StatementLog,),
    remediation="Set log_min_duration_statement to -1: a flag of the Cloud SQL instance, a server parameter on "
    "Azure, the parameter group on AWS.",
    equivalents={"prowler": ("cloudsql_instance_postgres_log_min_duration_statement_flag",)},
    judge=judge,
)
