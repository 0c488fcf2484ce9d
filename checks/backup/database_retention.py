"""Automatic backups of databases are kept long enough to notice a loss."""

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
    not_applicable,
    passes,
    unknown,
)
from checks.thresholds import number
from collectors.facts.core import Unread
from collectors.facts.stores import Database


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per database; members leave their backups to the cluster, and no backups fail too."""
    minimum = number(params, "minimum_days")
    for database in facts.of(Database):
        if database.clustered:
            yield not_applicable(database, "backups are kept of the cluster, not of its members")
        elif isinstance(database.backup_days, Unread):
            yield unknown(database, database.backup_days)
        elif database.backup_days == 0:
            yield fails(database, "automatic backups are off, so none is kept")
        elif database.backup_days < minimum:
            yield fails(database, f"backups are kept for {database.backup_days} days, less than {minimum} days")
        else:
            yield passes(database, f"backups are kept for {database.backup_days} days")


CHECK = Check(
    id="backup.database_retention",
    title="Database backups are kept for a week",
    criteria=(
        Criterion("A1.2", DIRECT, "a loss noticed days later can still be undone"),
        Criterion("PI1.5", PARTIAL, "records spoiled days ago can be brought back"),
        Criterion("CC7.5", SUPPORTING, "there is a backup from before the incident"),
    ),
    severity="medium",
    needs=(Database,),
    remediation="Set the database's backup retention period (BackupRetentionPeriod) to the required number of days "
    "or more. On Azure this is retentionDays of the SQL database, backupRetentionDays of a PostgreSQL "
    "or MySQL server, the backup policy of a Cosmos DB account.",
    equivalents={
        "aws_config": ("db-instance-backup-enabled",),
        "security_hub": ("RDS.11",),
    },
    judge=judge,
    params=(Param("minimum_days", 7, "days", "shortest time that automatic backups are kept"),),
)
