"""Objects are encrypted with a key that the company controls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params
from checks.customer_keys import judge_customer_key
from collectors.facts.stores import EncryptionKey, ObjectStore


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per object store, from the key of its default encryption."""
    for store in facts.of(ObjectStore):
        yield judge_customer_key(store, store.customer_key, facts, "new objects are")


CHECK = Check(
    id="encryption.object_store_customer_key",
    title="Object stores use a customer-managed key",
    criteria=(
        Criterion("CC6.1", PARTIAL, "the company decides who may decrypt, and can withdraw it"),
        Criterion("C1.1", SUPPORTING, "reading confidential objects takes a right to the key as well"),
    ),
    severity="medium",
    needs=(ObjectStore, EncryptionKey),
    remediation="Set the bucket's default encryption to SSE-KMS (aws:kms) with a customer-managed key. On Azure set "
    "the encryption of the storage account to a key of your vault (keySource Microsoft.Keyvault).",
    equivalents={
        "prowler": (
            "s3_bucket_kms_encryption",
            "storage_ensure_encryption_with_customer_managed_keys",
        ),
        "aws_config": ("s3-default-encryption-kms",),
        "security_hub": ("S3.17",),
    },
    judge=judge,
)
