"""Whoever touches the object store of an audit trail is logged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    PARTIAL,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
)
from checks.trail_stores import NO_STORE, trails_with_stores
from collectors.facts.core import Unread
from collectors.facts.monitoring import AuditTrail
from collectors.facts.stores import ObjectStore


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per trail, about the store that it delivers to."""
    for trail, store in trails_with_stores(facts, "s3:GetBucketLogging", "s3:GetBucketLogging"):
        if store is None:
            yield not_applicable(trail, NO_STORE)
        elif isinstance(store, Unread):
            yield unknown(trail, store)
        elif isinstance(store.access_log_to, Unread):
            yield unknown(trail, store.access_log_to)
        elif store.access_log_to is None:
            yield fails(trail, f"access to {store.resource.name} is not logged", store)
        else:
            yield passes(trail, f"access to {store.resource.name} is logged to {store.access_log_to}", store)


CHECK = Check(
    id="audit_trail.trail_store_access_logged",
    title="Access to audit trail stores is logged",
    criteria=(
        Criterion("CC7.2", PARTIAL, "reading or deleting the record leaves a record of its own"),
        Criterion("CC7.3", SUPPORTING, "tampering with the record can be traced"),
    ),
    severity="medium",
    needs=(AuditTrail, ObjectStore),
    remediation="Log access to the store that the trail delivers to: on AWS, server access logging (PutBucketLogging) "
    "with another bucket as target; on Azure, a diagnostic setting of its blob service with StorageRead.",
    equivalents={
        "prowler": ("cloudtrail_logs_s3_bucket_access_logging_enabled",),
        "security_hub": ("CloudTrail.7",),
        "cis": ("AWS 3.4",),
    },
    judge=judge,
)
