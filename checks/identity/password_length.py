"""Console passwords have a minimum length."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    PARTIAL,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    fails,
    passes,
    unknown,
    unread_in,
)
from checks.thresholds import number
from collectors.facts.core import Unread
from collectors.facts.identity import PasswordPolicy


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account; without a policy the provider's weak default applies."""
    wanted = number(params, "min_length")
    for policy in facts.of(PasswordPolicy):
        length = policy.minimum_length
        if policy.exists is False:
            yield fails(policy, "no password policy is set, so the provider's default length applies")
        elif isinstance(length, Unread) or isinstance(policy.exists, Unread):
            yield unknown(policy, *unread_in(policy.exists, length))
        elif length < wanted:
            yield fails(policy, f"passwords need {length} characters, fewer than {wanted}")
        else:
            yield passes(policy, f"passwords need {length} characters, at least {wanted}")


CHECK = Check(
    id="identity.password_length",
    title="Console passwords are long",
    criteria=(Criterion("CC6.1", PARTIAL, "a long password resists guessing"),),
    severity="medium",
    needs=(PasswordPolicy,),
    remediation="Set a custom password policy under IAM, Account settings, with MinimumPasswordLength of 14 or more.",
    equivalents={
        "prowler": ("iam_password_policy_minimum_length_14",),
        "aws_config": ("iam-password-policy",),
        "security_hub": ("IAM.15",),
        "cis": ("AWS 1.8",),
    },
    judge=judge,
    params=(Param("min_length", 14, "characters", "the policy must ask for at least this many"),),
)
