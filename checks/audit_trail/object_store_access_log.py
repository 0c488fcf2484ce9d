"""Access to every object store is logged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.stores import ObjectStore


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per object store."""
    for store in facts.of(ObjectStore):
        if isinstance(store.access_log_to, Unread):
            yield unknown(store, store.access_log_to)
        elif store.access_log_to is None:
            yield fails(store, "access is not logged")
        else:
            yield passes(store, f"access is logged to {store.access_log_to}")


CHECK = Check(
    id="audit_trail.object_store_access_log",
    title="Access to object stores is logged",
    criteria=(
        Criterion("CC7.2", PARTIAL, "unusual reads of stored data can be noticed"),
        Criterion("CC7.3", SUPPORTING, "shows what an event exposed"),
    ),
    severity="medium",
    needs=(ObjectStore,),
    remediation="Turn on server access logging (PutBucketLogging) with a log bucket as target. On Azure add a "
    "diagnostic setting for StorageRead to the blob service of the storage account.",
    equivalents={
        "prowler": ("s3_bucket_server_access_logging_enabled",),
        "aws_config": ("s3-bucket-logging-enabled",),
        "security_hub": ("S3.9",),
    },
    judge=judge,
)
