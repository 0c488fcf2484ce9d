"""The object store of an audit trail is not open to the internet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, unknown
from checks.public_access import judge_privacy
from checks.trail_stores import trails_with_stores
from collectors.facts.core import Unread
from collectors.facts.monitoring import AuditTrail
from collectors.facts.stores import AccountPublicAccess, ObjectStore


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per trail, about the store that it delivers to."""
    for trail, store in trails_with_stores(facts, "s3:GetBucketPolicyStatus", "s3:GetBucketPolicyStatus"):
        yield unknown(trail, store) if isinstance(store, Unread) else judge_privacy(trail, store, facts)


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
    remediation="Turn on all four settings of S3 Block Public Access for the bucket that the trail "
    "delivers to, or for the account.",
    equivalents={
        "prowler": ("cloudtrail_logs_s3_bucket_is_not_publicly_accessible",),
        "security_hub": ("CloudTrail.6",),
    },
    judge=judge,
)
