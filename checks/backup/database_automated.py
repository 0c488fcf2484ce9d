"""Every database is backed up automatically."""

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
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
)
from collectors.facts.core import Unread
from collectors.facts.stores import Database


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per database; members leave their backups to the cluster."""
    for database in facts.of(Database):
        if database.clustered:
            yield not_applicable(database, "backups are taken of the cluster, not of its members")
        elif isinstance(database.backup_days, Unread):
            yield unknown(database, database.backup_days)
        elif database.backup_days > 0:
            yield passes(database, f"automatic backups are kept for {database.backup_days} days")
        else:
            yield fails(database, "automatic backups are off")


CHECK = Check(
    id="backup.database_automated",
    title="Databases are backed up automatically",
    criteria=(
        Criterion("A1.2", DIRECT, "data can be restored after a loss"),
        Criterion("PI1.5", PARTIAL, "stored records that were lost or spoiled can be brought back"),
        Criterion("CC7.5", SUPPORTING, "recovery from an incident starts from a backup"),
    ),
    severity="high",
    needs=(Database,),
    remediation="Set the database's backup retention period (BackupRetentionPeriod; AutomatedSnapshotRetentionPeriod "
    "of a Redshift cluster) above 0. On Azure set the short-term retention of the SQL database, or the backup "
    "policy of the server or account. On Google Cloud turn on automated backups of the Cloud SQL instance or AlloyDB "
    "cluster, or make a backup schedule for the database.",
    equivalents={
        "prowler": (
            "cloudsql_instance_automated_backups",
            "rds_instance_backup_enabled",
            "redshift_cluster_automated_snapshot",
        ),
        "aws_config": ("db-instance-backup-enabled",),
        "security_hub": ("RDS.11",),
    },
    judge=judge,
)
