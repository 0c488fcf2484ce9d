"""Databases are encrypted where they rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.stores import Database


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per database: instances, clusters and tables alike."""
    for database in facts.of(Database):
        yield decide(
            database,
            database.encrypted_at_rest,
            yes=f"{database.engine} database is encrypted at rest",
            no=f"{database.engine} database is not encrypted at rest",
        )


CHECK = Check(
    id="encryption.database_at_rest",
    title="Databases are encrypted at rest",
    criteria=(
        Criterion("CC6.1", DIRECT, "stored data is unreadable without the key"),
        Criterion("C1.1", PARTIAL, "confidential records stay protected while they are kept"),
    ),
    severity="high",
    needs=(Database,),
    remediation="Copy a snapshot of the database with encryption on and restore from the copy: StorageEncrypted "
    "cannot be changed later. On Azure turn on transparent data encryption of the SQL database.",
    equivalents={
        "prowler": (
            "rds_instance_storage_encrypted",
            "rds_cluster_storage_encrypted",
            "sqlserver_tde_encryption_enabled",
        ),
        "aws_config": ("rds-storage-encrypted",),
        "security_hub": ("RDS.3", "RDS.27"),
        "cis": ("AWS 2.3.1",),
    },
    judge=judge,
)
