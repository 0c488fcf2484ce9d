"""Every database can be restored to any moment of its retention window."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide, not_applicable
from collectors.facts.stores import Database


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per database; members are restored with their cluster."""
    for database in facts.of(Database):
        if database.clustered:
            yield not_applicable(database, "the cluster is restored, not its members")
        elif database.point_in_time is None:
            yield not_applicable(database, f"{database.engine} has no such setting: it is copied as a whole")
        else:
            yield decide(
                database,
                database.point_in_time,
                yes="can be restored to a point in time",
                no="cannot be restored to a point in time",
            )


CHECK = Check(
    id="backup.database_point_in_time",
    title="Databases can be restored to a point in time",
    criteria=(
        Criterion("A1.2", DIRECT, "a loss costs minutes of data, not a day"),
        Criterion("PI1.5", PARTIAL, "wrongly changed records can be brought back"),
        Criterion("CC7.5", SUPPORTING, "the state just before an incident can be brought back"),
    ),
    severity="medium",
    needs=(Database,),
    remediation="Turn on point-in-time recovery (PointInTimeRecoveryEnabled) of the table, or automatic backups "
    "(BackupRetentionPeriod) of the instance or cluster. On Azure choose continuous backup for a Cosmos "
    "DB account.",
    equivalents={
        "prowler": ("dynamodb_tables_pitr_enabled",),
        "aws_config": ("dynamodb-pitr-enabled",),
        "security_hub": ("DynamoDB.2",),
    },
    judge=judge,
)
