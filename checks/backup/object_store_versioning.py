"""Object stores keep earlier versions of their objects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.stores import ObjectStore


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per object store."""
    for store in facts.of(ObjectStore):
        yield decide(store, store.versioned, yes="versioning is on", no="versioning is off or suspended")


CHECK = Check(
    id="backup.object_store_versioning",
    title="Object stores keep versions",
    criteria=(
        Criterion("A1.2", PARTIAL, "an overwritten or deleted object can be brought back"),
        Criterion("PI1.5", DIRECT, "an improper change does not destroy the stored item"),
        Criterion("CC7.5", SUPPORTING, "the state before an incident can be brought back"),
    ),
    severity="medium",
    needs=(ObjectStore,),
    remediation="Turn on versioning of the bucket (PutBucketVersioning with Status Enabled). On Azure turn on "
    "versioning of the blob service (isVersioningEnabled).",
    equivalents={
        "prowler": ("s3_bucket_object_versioning",),
        "aws_config": ("s3-bucket-versioning-enabled",),
        "security_hub": ("S3.14",),
    },
    judge=judge,
)
