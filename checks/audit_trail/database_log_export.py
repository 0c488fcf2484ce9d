"""Databases export their logs to the central log service."""

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
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
)
from collectors.facts.core import Unread
from collectors.facts.stores import Database


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per database; a cluster exports for its members, and some engines have nothing to export."""
    for database in facts.of(Database):
        if database.clustered:
            yield not_applicable(database, "logs are exported by the cluster, not by its members")
        elif isinstance(database.exported_logs, Unread):
            yield unknown(database, database.exported_logs)
        elif database.exported_logs is None:
            yield not_applicable(database, f"{database.engine} has no logs to export")
        elif not database.exported_logs:
            yield fails(database, "no log is exported")
        else:
            yield passes(database, f"exports {', '.join(sorted(database.exported_logs))}")


CHECK = Check(
    id="audit_trail.database_log_export",
    title="Databases export their logs",
    criteria=(
        Criterion("CC7.2", PARTIAL, "unusual use of a database can be noticed"),
        Criterion("CC7.3", SUPPORTING, "shows what happened in the database during an event"),
        Criterion("PI1.3", SUPPORTING, "errors in processing leave a record"),
    ),
    severity="medium",
    needs=(Database,),
    remediation="Export the engine's logs to CloudWatch Logs (EnableCloudwatchLogsExports), the audit or general "
    "log at the least. On Azure add a diagnostic setting to the server or account, or turn on auditing "
    "of the SQL server.",
    equivalents={
        "prowler": ("rds_instance_integration_cloudwatch_logs", "rds_cluster_integration_cloudwatch_logs"),
        "aws_config": ("rds-logging-enabled",),
        "security_hub": ("RDS.9",),
    },
    judge=judge,
)
