"""Database servers write down what else happens to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
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
from checks.thresholds import names
from collectors.facts.core import Unread
from collectors.facts.data_access import DatabaseAudit


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per database server; not every engine has settings for this."""
    wanted = names(params, "events")
    for audit in facts.of(DatabaseAudit):
        recorded = audit.server_events
        if isinstance(recorded, Unread):
            yield unknown(audit, recorded)
        elif recorded is None:
            yield not_applicable(audit, f"{audit.engine} has no such settings")
        elif missing := [event for event in wanted if event not in recorded]:
            yield fails(audit, f"{audit.engine} server does not record {' and '.join(missing)}")
        else:
            yield passes(audit, f"{audit.engine} server records {' and '.join(wanted)}")


CHECK = Check(
    id="audit_trail.database_server_events",
    title="Database servers record disconnections and checkpoints",
    criteria=(
        Criterion("CC7.2", SUPPORTING, "ends of sessions and the rhythm of writes help to tell odd from usual"),
        Criterion("CC7.3", SUPPORTING, "shows how long somebody was in the database"),
    ),
    severity="low",
    needs=(DatabaseAudit,),
    remediation="Set log_disconnections and log_checkpoints of the PostgreSQL server to on, as server parameters on "
    "Azure and in the parameter group on AWS. On Google Cloud they are flags of the Cloud SQL instance.",
    equivalents={
        "prowler": (
            "cloudsql_instance_postgres_log_disconnections_flag",
            "postgresql_flexible_server_log_checkpoints_on",
            "postgresql_flexible_server_log_disconnections_on",
        ),
    },
    judge=judge,
    params=(Param("events", ("disconnections", "checkpoints"), "kinds of events", "those that must be recorded"),),
)
