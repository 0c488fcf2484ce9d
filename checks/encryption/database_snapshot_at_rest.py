"""Kept copies of databases are encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.stores import DatabaseSnapshot


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per snapshot."""
    for snapshot in facts.of(DatabaseSnapshot):
        yield decide(
            snapshot,
            snapshot.encrypted_at_rest,
            yes="snapshot is encrypted at rest",
            no="snapshot is not encrypted at rest",
        )


CHECK = Check(
    id="encryption.database_snapshot_at_rest",
    title="Database snapshots are encrypted at rest",
    criteria=(
        Criterion("CC6.1", DIRECT, "a copy is as unreadable without the key as its original"),
        Criterion("C1.1", PARTIAL, "confidential records stay protected in every copy"),
    ),
    severity="high",
    needs=(DatabaseSnapshot,),
    remediation="Copy the snapshot with a KmsKeyId and delete the unencrypted one; encrypt a Redshift cluster first, "
    "and make the snapshot anew.",
    equivalents={
        "prowler": ("neptune_cluster_snapshot_encrypted", "rds_snapshots_encrypted"),
        "aws_config": ("rds-snapshot-encrypted",),
        "security_hub": ("RDS.4",),
    },
    judge=judge,
)
