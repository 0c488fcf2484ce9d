"""A changed password is a new one."""

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
    """One finding per account; without a policy earlier passwords may be used again."""
    wanted = number(params, "remembered")
    for policy in facts.of(PasswordPolicy):
        remembered = policy.remembered
        if policy.exists is False:
            yield fails(policy, "no password policy is set, so earlier passwords may be used again")
        elif isinstance(remembered, Unread) or isinstance(policy.exists, Unread):
            yield unknown(policy, *unread_in(policy.exists, remembered))
        elif remembered < wanted:
            yield fails(policy, f"earlier passwords refused: {remembered}, fewer than {wanted}")
        else:
            yield passes(policy, f"earlier passwords refused: {remembered}, at least {wanted}")


CHECK = Check(
    id="identity.password_reuse",
    title="Earlier passwords cannot be used again",
    criteria=(Criterion("CC6.1", PARTIAL, "a password that leaked once does not come back"),),
    severity="medium",
    needs=(PasswordPolicy,),
    remediation="Set a custom password policy under IAM, Account settings, with PasswordReusePrevention of 24.",
    equivalents={
        "prowler": ("iam_password_policy_reuse_24",),
        "aws_config": ("iam-password-policy",),
        "security_hub": ("IAM.16",),
        "cis": ("AWS 1.9",),
    },
    judge=judge,
    params=(Param("remembered", 24, "passwords", "at least this many earlier passwords must be refused"),),
)
