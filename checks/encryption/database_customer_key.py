"""Databases are encrypted with a key that the company controls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params
from checks.customer_keys import judge_customer_key
from collectors.facts.stores import Database, EncryptionKey


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per database: instances, clusters and tables alike."""
    for database in facts.of(Database):
        yield judge_customer_key(database, database.customer_key, facts, f"{database.engine} database is")


CHECK = Check(
    id="encryption.database_customer_key",
    title="Databases use a customer-managed key",
    criteria=(
        Criterion("CC6.1", PARTIAL, "the company decides who may decrypt, and can withdraw it"),
        Criterion("C1.1", SUPPORTING, "reading confidential records takes a right to the key as well"),
    ),
    severity="medium",
    needs=(Database, EncryptionKey),
    remediation="Choose a customer-managed KMS key: SSESpecification of a DynamoDB table, or KmsKeyId when an RDS "
    "snapshot is copied and restored. On Azure choose a key of your vault: as TDE protector of the SQL "
    "server, as data encryption of a PostgreSQL or MySQL server, as keyVaultKeyUri of a Cosmos DB "
    "account. On Google Cloud choose a Cloud KMS key when the instance, dataset or table is made.",
    equivalents={
        "prowler": (
            "bigquery_dataset_cmk_encryption",
            "bigquery_table_cmk_encryption",
            "dynamodb_tables_kms_cmk_encryption_enabled",
            "sqlserver_tde_encrypted_with_cmk",
        ),
        "aws_config": ("dynamodb-table-encrypted-kms",),
    },
    judge=judge,
)
