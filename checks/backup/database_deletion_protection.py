"""No database can be deleted by a single mistaken call."""

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
    decide,
    fails,
    not_applicable,
    passes,
    unknown,
)
from collectors.facts.detection import ResourceLock
from collectors.facts.stores import Database


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per database; the data of members is the cluster's."""
    for database in facts.of(Database):
        if database.clustered:
            yield not_applicable(database, "the cluster holds the data and is protected in its place")
        elif database.deletion_protected is None:
            yield _by_lock(database, facts)
        else:
            yield decide(
                database,
                database.deletion_protected,
                yes="deletion protection is on",
                no="deletion protection is off",
            )


def _by_lock(database: Database, facts: Facts) -> Finding:
    """The outcome where only a lock can protect: one on the database, or on anything that it is in."""
    if not ResourceLock.exists_in(database.resource.cloud):
        return not_applicable(database, f"{database.engine} has no such setting")
    place = f"{database.resource.uid}/"
    lock = next((each for each in facts.of(ResourceLock) if place.startswith(f"{each.scope}/")), None)
    if lock is not None:
        return passes(database, f"lock {lock.resource.name} keeps it from being deleted", lock)
    unlisted = facts.unlisted(ResourceLock)
    return unknown(database, unlisted) if unlisted else fails(database, "no lock keeps it from being deleted")


CHECK = Check(
    id="backup.database_deletion_protection",
    title="Databases are protected from deletion",
    criteria=(
        Criterion("A1.2", PARTIAL, "a service is not lost to one mistaken call"),
        Criterion("C1.1", SUPPORTING, "confidential records last as long as promised"),
        Criterion("PI1.5", PARTIAL, "stored records are not removed by accident"),
    ),
    severity="medium",
    needs=(Database, ResourceLock),
    remediation="Turn on deletion protection (DeletionProtection for RDS, DeletionProtectionEnabled for DynamoDB). "
    "On Azure put a CanNotDelete lock on the database, its server or its resource group.",
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
