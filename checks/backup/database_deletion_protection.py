"""No database can be deleted by a single mistaken call."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide, not_applicable
from collectors.facts.stores import Database


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per database; the data of members is the cluster's."""
    for database in facts.of(Database):
        if database.clustered:
            yield not_applicable(database, "the cluster holds the data and is protected in its place")
        else:
            yield decide(
                database,
                database.deletion_protected,
                yes="deletion protection is on",
                no="deletion protection is off",
            )


CHECK = Check(
    id="backup.database_deletion_protection",
    title="Databases are protected from deletion",
    criteria=(
        Criterion("A1.2", PARTIAL, "a service is not lost to one mistaken call"),
        Criterion("C1.1", SUPPORTING, "confidential records last as long as promised"),
        Criterion("PI1.5", PARTIAL, "stored records are not removed by accident"),
    ),
    severity="medium",
    needs=(Database,),
    remediation="Turn on deletion protection (DeletionProtection for RDS, DeletionProtectionEnabled for DynamoDB).",
    equivalents={
        "prowler": (
            "rds_instance_deletion_protection",
            "rds_cluster_deletion_protection",
        ),
        "aws_config": (
            "rds-instance-deletion-protection-enabled",
            "rds-cluster-deletion-protection-enabled",
        ),
        "security_hub": (
            "RDS.7",
            "RDS.8",
        ),
    },
    judge=judge,
)
