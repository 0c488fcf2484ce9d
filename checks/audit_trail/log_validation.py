"""Log files of audit trails carry signed digests, or are locked, so that a change shows or cannot happen."""

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
    decide,
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
    """One finding per trail; where the provider signs nothing, about the lock on the store that it delivers to."""
    for trail, store in trails_with_stores(
        facts, "s3:GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"
    ):
        if trail.validated is not None:
            yield decide(
                trail,
                trail.validated,
                yes="log file validation is on",
                no="log file validation is off, so a changed log file would go unnoticed",
            )
        elif store is None:
            yield not_applicable(trail, NO_STORE)
        elif isinstance(store, Unread):
            yield unknown(trail, store)
        elif isinstance(store.object_lock_days, Unread):
            yield unknown(trail, store.object_lock_days)
        elif store.object_lock_days is None:
            yield fails(trail, f"the provider signs no log files, and {store.resource.name} is not locked", store)
        else:
            yield passes(trail, f"{store.resource.name} is locked, so nobody can change a log file", store)


CHECK = Check(
    id="audit_trail.log_validation",
    title="Changed log files of audit trails show",
    criteria=(
        Criterion("PI1.5", PARTIAL, "a stored record that was altered is found"),
        Criterion("CC7.2", PARTIAL, "whoever alters the record of activity is seen"),
        Criterion("CC7.3", SUPPORTING, "an event is judged from records that can be shown to be unchanged"),
    ),
    severity="medium",
    needs=(AuditTrail, ObjectStore),
    remediation="On AWS, turn on log file validation for the trail (EnableLogFileValidation).  On Azure, which signs "
    "nothing, lock the immutability policy of the containers that the activity log is kept in.",
    equivalents={
        "prowler": ("cloudtrail_log_file_validation_enabled",),
        "aws_config": ("cloud-trail-log-file-validation-enabled",),
        "security_hub": ("CloudTrail.4",),
        "cis": ("AWS 3.2",),
    },
    judge=judge,
)
