"""Snapshots of a database carry its tags, so that the rules for it go on to apply."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import SUPPORTING, Check, Criterion, Facts, Finding, Params, decide, not_applicable
from collectors.facts.stores import Database


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per database; members and some engines have no such setting."""
    for database in facts.of(Database):
        if database.clustered:
            yield not_applicable(database, "snapshots are made of the cluster, not of its members")
        elif database.copies_tags_to_snapshots is None:
            yield not_applicable(database, f"{database.engine} has no such setting")
        else:
            yield decide(
                database,
                database.copies_tags_to_snapshots,
                yes="tags are copied to snapshots",
                no="tags are not copied to snapshots",
            )


CHECK = Check(
    id="backup.database_snapshot_tags",
    title="Database snapshots keep the tags of their database",
    criteria=(
        Criterion("CC7.5", SUPPORTING, "the right snapshot is found when it is needed"),
        Criterion("C1.1", SUPPORTING, "a snapshot stays classified like its source"),
    ),
    severity="low",
    needs=(Database,),
    remediation="Turn on copying tags to snapshots (CopyTagsToSnapshot).",
    equivalents={
        "prowler": (
            "neptune_cluster_copy_tags_to_snapshots",
            "rds_instance_copy_tags_to_snapshots",
            "rds_cluster_copy_tags_to_snapshots",
        ),
        "aws_config": (
            "rds-instance-copy-tags-to-snapshots-enabled",
            "rds-cluster-copy-tags-to-snapshots-enabled",
        ),
        "security_hub": (
            "RDS.16",
            "RDS.17",
        ),
    },
    judge=judge,
)
