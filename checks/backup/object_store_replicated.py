"""Object stores are copied to a second one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.stores import ObjectStore


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per object store."""
    for store in facts.of(ObjectStore):
        if isinstance(store.replicated_to, Unread):
            yield unknown(store, store.replicated_to)
        elif not store.replicated_to:
            yield fails(store, "no enabled rule replicates objects")
        else:
            yield passes(store, f"objects are replicated to {', '.join(sorted(store.replicated_to))}")


CHECK = Check(
    id="backup.object_store_replicated",
    title="Object stores are replicated",
    criteria=(
        Criterion("A1.2", PARTIAL, "objects outlive the store that they are in"),
        Criterion("CC9.1", SUPPORTING, "softens the loss of a region or an account"),
    ),
    severity="low",
    needs=(ObjectStore,),
    remediation="Add an enabled replication rule to the bucket (PutBucketReplication), with a bucket in another "
    "region as destination. On Azure choose a geo-redundant kind of storage account (GRS, GZRS).",
    equivalents={
        "prowler": ("s3_bucket_cross_region_replication",),
        "security_hub": ("S3.7",),
    },
    judge=judge,
)
