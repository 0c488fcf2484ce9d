"""Objects are encrypted where they rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.stores import ObjectStore


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per object store, from its default encryption."""
    for store in facts.of(ObjectStore):
        yield decide(
            store,
            store.encrypted_at_rest,
            yes="new objects are encrypted by default",
            no="new objects are not encrypted by default",
        )


CHECK = Check(
    id="encryption.object_store_at_rest",
    title="Object stores are encrypted at rest",
    criteria=(
        Criterion("CC6.1", DIRECT, "stored data is unreadable without the key"),
        Criterion("C1.1", PARTIAL, "confidential objects stay protected while they are kept"),
    ),
    severity="high",
    needs=(ObjectStore,),
    remediation="Turn on default encryption of the bucket (PutBucketEncryption), with SSE-S3 or SSE-KMS. On Azure "
    "storage accounts are always encrypted.",
    equivalents={
        "prowler": ("s3_bucket_default_encryption",),
        "aws_config": ("s3-bucket-server-side-encryption-enabled",),
    },
    judge=judge,
)
