"""Object stores can hold objects that nobody may change or delete."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.stores import ObjectStore


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per object store; lock without a default retention still passes."""
    for store in facts.of(ObjectStore):
        days = store.object_lock_days
        if isinstance(days, Unread):
            yield unknown(store, days)
        elif days is None:
            yield fails(store, "object lock is off")
        elif days == 0:
            yield passes(store, "object lock is on, without a default retention")
        else:
            yield passes(store, f"object lock is on, with a default retention of {days} days")


CHECK = Check(
    id="backup.object_store_lock",
    title="Object stores have object lock",
    criteria=(
        Criterion("PI1.5", PARTIAL, "a locked item cannot be changed or removed"),
        Criterion("A1.2", SUPPORTING, "an attacker cannot take the copies away too"),
    ),
    severity="low",
    needs=(ObjectStore,),
    remediation="Turn on S3 Object Lock of the bucket (PutObjectLockConfiguration), with a default retention. On "
    "Azure lock an immutability policy on every container of the storage account.",
    equivalents={
        "prowler": ("s3_bucket_object_lock",),
        "aws_config": ("s3-bucket-default-lock-enabled",),
        "security_hub": ("S3.15",),
    },
    judge=judge,
)
