"""Stored secrets get a new value in bounded time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    FAIL,
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
from checks.when import day, older_than
from collectors.facts.core import Unread
from collectors.facts.stores import Secret


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per secret in use, from the age of its value: a schedule that does not run protects nothing.

    A value that never changed counts from the secret's creation.  Only where the provider tells neither date
    does the schedule decide.
    """
    days = number(params, "max_rotation_days")
    for secret in facts.of(Secret):
        since, says = (
            (secret.created, "never changed since it was created")
            if secret.changed is None
            else (secret.changed, "last changed")
        )
        if secret.enabled is False:
            yield not_applicable(secret, "secret is disabled")
            continue
        match since:
            case Unread() as gap:
                yield unknown(secret, gap)
            case None:
                yield _unless_disabled(secret, _by_schedule(secret, days))
            case then if older_than(then, days, now):
                said = f"value {says} on {day(then)}, more than {days} days ago, and {_schedule(secret)}"
                yield _unless_disabled(secret, fails(secret, said))
            case then:
                yield passes(secret, f"value {says} on {day(then)}, no more than {days} days ago")


def _unless_disabled(secret: Secret, finding: Finding) -> Finding:
    """A finding that fails is worth nothing while nobody knows whether the secret is in use at all."""
    if finding.outcome is FAIL and isinstance(secret.enabled, Unread):
        return unknown(secret, secret.enabled)
    return finding


def _by_schedule(secret: Secret, days: float) -> Finding:
    """The outcome for a secret without any date."""
    if secret.rotates is False:
        return fails(secret, "secret does not rotate and the age of its value is not told")
    if isinstance(secret.rotates, Unread) or isinstance(secret.rotation_days, Unread):
        return unknown(secret, *unread_in(secret.rotates, secret.rotation_days))
    if secret.rotation_days is None or secret.rotation_days > days:
        return fails(secret, f"{_schedule(secret)}, not at least every {days} days")
    return passes(secret, f"{_schedule(secret)}, at least every {days} days")


def _schedule(secret: Secret) -> str:
    """What is known of automatic rotation, in words."""
    if isinstance(secret.rotates, Unread):
        return "whether it rotates was not read"
    if not secret.rotates:
        return "it does not rotate"
    if isinstance(secret.rotation_days, Unread) or secret.rotation_days is None:
        return "it is set to rotate"
    return f"it is set to rotate every {secret.rotation_days} days"


CHECK = Check(
    id="encryption.secret_rotation",
    title="Secrets are rotated",
    criteria=(Criterion("CC6.1", DIRECT, "a secret that leaked unnoticed stops working in bounded time"),),
    severity="medium",
    needs=(Secret,),
    remediation="Turn on automatic rotation of the secret (RotateSecret with RotationRules), or put a new value in; "
    "if rotation is on, look for errors of its rotation function. On Azure put a new version of the "
    "secret into the Key Vault, on Google Cloud into Secret Manager.",
    equivalents={
        "prowler": ("secretsmanager_automatic_rotation_enabled",),
        "aws_config": ("secretsmanager-rotation-enabled-check",),
        "security_hub": ("SecretsManager.1",),
    },
    judge=judge,
    params=(Param("max_rotation_days", 365, "days", "the value must not be older than this"),),
    time_dependent=True,
)
