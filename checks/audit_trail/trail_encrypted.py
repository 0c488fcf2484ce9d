"""Audit trails encrypt their log files with a key that the company controls."""

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
from collectors.facts.core import Fact, Unread
from collectors.facts.monitoring import AuditTrail
from collectors.facts.stores import ObjectStore


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per trail; where the trail has no say, about the key of the store that it delivers to."""
    for trail, store in trails_with_stores(facts, "s3:GetBucketEncryption", "s3:GetEncryptionConfiguration"):
        if not trail.key_of_store:
            yield _encrypted(trail, trail.customer_key, "log files are")
        elif store is None:
            yield not_applicable(trail, NO_STORE)
        elif isinstance(store, Unread):
            yield unknown(trail, store)
        else:
            yield _encrypted(trail, store.customer_key, f"{store.resource.name}, which keeps the log files, is", store)


def _encrypted(trail: AuditTrail, key: str | None | Unread, what: str, *also: Fact) -> Finding:
    if isinstance(key, Unread):
        return unknown(trail, key)
    if key is None:
        return fails(trail, f"{what} not encrypted with a customer key", *also)
    return passes(trail, f"{what} encrypted with {key}", *also)


CHECK = Check(
    id="audit_trail.trail_encrypted",
    title="Audit trails use a customer-managed key",
    criteria=(
        Criterion("CC6.1", PARTIAL, "reading the log takes a right to the key as well as to the store"),
        Criterion("CC7.2", SUPPORTING, "the record that monitoring rests on is kept from outsiders"),
    ),
    severity="medium",
    needs=(AuditTrail, ObjectStore),
    remediation="On AWS, set a customer-managed KMS key on the trail (KmsKeyId) and let CloudTrail use it in the key "
    "policy.  On Azure, set a key of your vault on the storage account (keySource Microsoft.Keyvault).",
    equivalents={
        "prowler": (
            "cloudtrail_kms_encryption_enabled",
            "monitor_storage_account_with_activity_logs_cmk_encrypted",
        ),
        "aws_config": ("cloud-trail-encryption-enabled",),
        "security_hub": ("CloudTrail.2",),
        "cis": ("AWS 3.5",),
    },
    judge=judge,
)
