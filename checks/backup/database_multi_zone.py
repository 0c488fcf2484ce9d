"""Every database survives the loss of one zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide, not_applicable
from collectors.facts.stores import Database


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per database; a member sits in one zone, its cluster in several."""
    for database in facts.of(Database):
        if database.clustered:
            yield not_applicable(database, "a member is in one zone: the cluster is judged")
        else:
            yield decide(
                database,
                database.multi_zone,
                yes="runs in more than one zone",
                no="runs in one zone only",
            )


CHECK = Check(
    id="backup.database_multi_zone",
    title="Databases run in more than one zone",
    criteria=(
        Criterion("A1.2", DIRECT, "the service goes on when a zone fails"),
        Criterion("CC9.1", SUPPORTING, "softens a disruption before it happens"),
    ),
    severity="medium",
    needs=(Database,),
    remediation="Turn on Multi-AZ (MultiAZ) of the instance, or add a reader in another zone to the cluster. On "
    "Azure turn on zone redundancy (zoneRedundant, isZoneRedundant, or high availability of mode "
    "ZoneRedundant).",
    equivalents={
        "prowler": (
            "rds_instance_multi_az",
            "rds_cluster_multi_az",
        ),
        "aws_config": (
            "rds-multi-az-support",
            "rds-cluster-multi-az-enabled",
        ),
        "security_hub": (
            "RDS.5",
            "RDS.15",
        ),
    },
    judge=judge,
)
