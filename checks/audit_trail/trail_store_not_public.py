"""The object store of an audit trail is not open to the internet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, not_applicable, unknown
from checks.public_access import judge_privacy
from checks.trail_stores import NO_STORE, trails_with_stores
from collectors.facts.core import Unread
from collectors.facts.monitoring import AuditTrail
from collectors.facts.stores import AccountPublicAccess, ObjectStore


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per trail, about the store that it delivers to."""
    for trail, store in trails_with_stores(facts, "s3:GetBucketPolicyStatus", "s3:GetBucketPolicyStatus"):
        if store is None:
            yield not_applicable(trail, NO_STORE)
        elif isinstance(store, Unread):
            yield unknown(trail, store)
        else:
            yield judge_privacy(trail, store, facts)


CHECK = Check(
    id="audit_trail.trail_store_not_public",
    title="Audit trail stores are not public",
    criteria=(
        Criterion("CC6.1", DIRECT, "the record of activity is kept from outsiders"),
        Criterion("CC6.6", PARTIAL, "an open store lies outside every boundary"),
        Criterion("CC7.2", SUPPORTING, "a public record tells attackers what is watched"),
    ),
    severity="critical",
    needs=(AuditTrail, ObjectStore, AccountPublicAccess),
    remediation="Close the store that the trail delivers to: on AWS, all four settings of S3 Block Public Access for "
    "the bucket or the account; on Azure, allowBlobPublicAccess = false for the storage account.",
    equivalents={
        "prowler": (
            "cloudtrail_logs_s3_bucket_is_not_publicly_accessible",
            "monitor_storage_account_with_activity_logs_is_private",
        ),
        "security_hub": ("CloudTrail.6",),
    },
    judge=judge,
)
