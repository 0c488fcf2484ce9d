"""Encryption keys of the company rotate by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from checks.thresholds import number
from collectors.facts.core import Unread
from collectors.facts.stores import EncryptionKey

YEARLY = 365
"""Days between two rotations when none are set: AWS KMS, RotationPeriodInDays of EnableKeyRotation."""


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per key; the provider's own, disabled and unrotatable keys are not applicable."""
    longest = number(params, "max_rotation_days")
    for key in facts.of(EncryptionKey):
        period = YEARLY if key.rotation_days is None else key.rotation_days
        if reason := _exempt(key):
            yield not_applicable(key, reason)
        elif gaps := unread_in(key.customer_managed, key.enabled, key.rotatable, key.rotates):
            yield unknown(key, *gaps)
        elif not key.rotates:
            yield fails(key, "key does not rotate")
        elif isinstance(period, Unread):
            yield unknown(key, period)
        elif period > longest:
            yield fails(key, f"key rotates every {period} days, less often than every {longest} days")
        else:
            yield passes(key, f"key rotates every {period} days, at least every {longest} days")


def _exempt(key: EncryptionKey) -> str:
    """Why rotation is no question for this key, or nothing."""
    if key.customer_managed is False:
        return "key is managed by the provider"
    if key.enabled is False:
        return "key is disabled"
    if key.rotatable is False:
        return "key is of a kind that cannot rotate automatically"
    return ""


CHECK = Check(
    id="encryption.key_rotation",
    title="Encryption keys rotate",
    criteria=(Criterion("CC6.1", DIRECT, "less data depends on any one generation of a key"),),
    severity="medium",
    needs=(EncryptionKey,),
    remediation="Turn on automatic rotation of the KMS key (EnableKeyRotation). On Azure give the key a rotation "
    "policy with the action Rotate, on Google Cloud a rotation period.",
    equivalents={
        "prowler": (
            "kms_cmk_rotation_enabled",
            "keyvault_key_rotation_enabled",
            "kms_key_rotation_enabled",
        ),
        "aws_config": ("cmk-backing-key-rotation-enabled",),
        "security_hub": ("KMS.4",),
        "cis": ("AWS 3.6",),
    },
    judge=judge,
    params=(Param("max_rotation_days", 365, "days", "a key must rotate at least this often"),),
)
