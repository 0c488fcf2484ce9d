"""Database servers write down who signs in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.data_access import DatabaseAudit


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per database server."""
    for audit in facts.of(DatabaseAudit):
        yield decide(
            audit,
            audit.connections,
            yes=f"{audit.engine} server records who signs in",
            no=f"{audit.engine} server does not record who signs in",
        )


CHECK = Check(
    id="audit_trail.database_connections",
    title="Database servers record connections",
    criteria=(
        Criterion("CC7.2", PARTIAL, "unusual use of a database can be noticed"),
        Criterion("CC7.3", SUPPORTING, "shows who was in the database during an event"),
    ),
    severity="medium",
    needs=(DatabaseAudit,),
    remediation="On Azure turn on auditing of the SQL server with both groups of authentication, set log_connections "
    "of a PostgreSQL server to on, or audit_log_enabled of a MySQL server with CONNECTION among audit_log_events; on "
    "AWS set the same parameters in the parameter group, and turn on audit logging of a Redshift cluster. On Google "
    "Cloud set the flag log_connections of the Cloud SQL instance.",
    equivalents={
        "prowler": (
            "cloudsql_instance_postgres_log_connections_flag",
            "mysql_flexible_server_audit_log_connection_activated",
            "mysql_flexible_server_audit_log_enabled",
            "postgresql_flexible_server_log_connections_on",
            "redshift_cluster_audit_logging",
            "sqlserver_auditing_enabled",
        ),
    },
    judge=judge,
)
