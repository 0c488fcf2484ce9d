"""Audit trails encrypt their log files with a key that the company controls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.monitoring import AuditTrail


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per trail."""
    for trail in facts.of(AuditTrail):
        if isinstance(trail.customer_key, Unread):
            yield unknown(trail, trail.customer_key)
        elif trail.customer_key is None:
            yield fails(trail, "log files are not encrypted with a customer key")
        else:
            yield passes(trail, f"log files are encrypted with {trail.customer_key}")


CHECK = Check(
    id="audit_trail.trail_encrypted",
    title="Audit trails use a customer-managed key",
    criteria=(
        Criterion("CC6.1", PARTIAL, "reading the log takes a right to the key as well as to the store"),
        Criterion("CC7.2", SUPPORTING, "the record that monitoring rests on is kept from outsiders"),
    ),
    severity="medium",
    needs=(AuditTrail,),
    remediation="Set a customer-managed KMS key on the trail (KmsKeyId) and let CloudTrail use it in the key policy.",
    equivalents={
        "prowler": ("cloudtrail_kms_encryption_enabled",),
        "aws_config": ("cloud-trail-encryption-enabled",),
        "security_hub": ("CloudTrail.2",),
        "cis": ("AWS 3.5",),
    },
    judge=judge,
)
