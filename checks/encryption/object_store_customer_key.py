"""Objects are encrypted with a key that the company controls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.stores import ObjectStore


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per object store, from the key of its default encryption."""
    for store in facts.of(ObjectStore):
        match store.customer_key:
            case Unread() as gap:
                yield unknown(store, gap)
            case None:
                yield fails(store, "new objects are not encrypted with a key of the customer")
            case key:
                yield passes(store, f"new objects are encrypted with the customer's key {key}")


CHECK = Check(
    id="encryption.object_store_customer_key",
    title="Object stores use a customer-managed key",
    criteria=(
        Criterion("CC6.1", PARTIAL, "the company decides who may decrypt, and can withdraw it"),
        Criterion("C1.1", SUPPORTING, "reading confidential objects takes a right to the key as well"),
    ),
    severity="medium",
    needs=(ObjectStore,),
    remediation="Set the bucket's default encryption to SSE-KMS (aws:kms) with a customer-managed key.",
    equivalents={
        "prowler": ("s3_bucket_kms_encryption",),
        "aws_config": ("s3-default-encryption-kms",),
        "security_hub": ("S3.17",),
    },
    judge=judge,
)
