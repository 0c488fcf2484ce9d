"""What database servers write down is kept long enough."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    PARTIAL,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
)
from checks.thresholds import number
from collectors.facts.core import Unread
from collectors.facts.data_access import DatabaseAudit


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per database server; what only others keep is theirs to be judged."""
    usual, short = number(params, "minimum_days"), number(params, "short_minimum_days")
    for audit in facts.of(DatabaseAudit):
        if isinstance(audit.keeps, Unread):
            yield unknown(audit, audit.keeps)
        elif audit.keeps:
            limited = audit.longest_days is not None and audit.longest_days < usual
            yield _kept(audit, short if limited else usual)
        elif isinstance(audit.sent_to, Unread):
            yield unknown(audit, audit.sent_to)
        elif audit.sent_to:
            yield not_applicable(
                audit, f"the record goes to {', '.join(audit.sent_to)}, which decides how long to keep it"
            )
        else:
            yield fails(audit, f"{audit.engine} server keeps no record, and sends it nowhere")


def _kept(audit: DatabaseAudit, minimum: float) -> Finding:
    """The outcome for a server that keeps its record itself."""
    days = audit.kept_days
    if isinstance(days, Unread):
        return unknown(audit, days)
    if days is None:
        return passes(audit, "the record is kept for ever")
    if days < minimum:
        return fails(audit, f"the record is kept for {days} days, less than {minimum} days")
    return passes(audit, f"the record is kept for {days} days, at least {minimum} days")


CHECK = Check(
    id="audit_trail.database_log_kept",
    title="Records of database servers are kept",
    criteria=(
        Criterion("CC7.2", PARTIAL, "slow attacks can be seen in what happened weeks ago"),
        Criterion("CC7.3", SUPPORTING, "an event that is noticed late can still be followed back"),
    ),
    severity="medium",
    needs=(DatabaseAudit,),
    remediation="On Azure raise retentionDays of the SQL server's auditing (0 is for ever) and "
    "logfiles.retention_days of a PostgreSQL server with logfiles.download_enable on, or send the logs "
    "to a log workspace by diagnostic settings.",
    equivalents={
        "prowler": (
            "postgresql_flexible_server_log_retention_days_greater_3",
            "sqlserver_auditing_retention_90_days",
        ),
    },
    judge=judge,
    params=(
        Param("minimum_days", 90, "days", "shortest time for which the record is kept"),
        Param("short_minimum_days", 4, "days", "the same, where the service itself can keep it for days only"),
    ),
)
