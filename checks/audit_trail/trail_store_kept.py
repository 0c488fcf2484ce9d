"""Files of an audit trail cannot be deleted before their time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Param, Params, fails, not_applicable, passes, unknown
from checks.thresholds import number
from checks.trail_stores import NO_STORE, trails_with_stores
from collectors.facts.core import Unread
from collectors.facts.monitoring import AuditTrail
from collectors.facts.stores import ObjectStore


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per trail, about the store that it delivers to."""
    least = number(params, "minimum_days")
    reads = "s3:GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"
    for trail, store in trails_with_stores(facts, *reads):
        if store is None:
            yield not_applicable(trail, NO_STORE)
        elif isinstance(store, Unread):
            yield unknown(trail, store)
        elif isinstance(store.object_lock_days, Unread):
            yield unknown(trail, store.object_lock_days)
        elif store.object_lock_days is None:
            yield fails(trail, f"files in {store.resource.name} can be deleted at any time", store)
        elif store.object_lock_days < least:
            said = (
                f"files in {store.resource.name} are locked for {store.object_lock_days} days, less than {least} days"
            )
            yield fails(trail, said, store)
        else:
            yield passes(trail, f"files in {store.resource.name} are locked for {store.object_lock_days} days", store)


CHECK = Check(
    id="audit_trail.trail_store_kept",
    title="Files of audit trails cannot be deleted before their time",
    criteria=(
        Criterion("CC7.2", PARTIAL, "nobody wipes out traces, whatever rights he has"),
        Criterion("PI1.5", PARTIAL, "what was recorded stays as it is for the promised time"),
    ),
    severity="medium",
    needs=(AuditTrail, ObjectStore),
    remediation="Lock a retention policy on the Google Cloud bucket that the sink writes to; on AWS set Object "
    "Lock with a default retention, on Azure a locked immutability policy of the container.",
    equivalents={"prowler": ("cloudstorage_bucket_log_retention_policy_lock",)},
    judge=judge,
    params=(Param("minimum_days", 1, "days", "shortest time for which files must be locked"),),
)
