"""Every user who can sign in with a password needs a second factor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    PARTIAL,
    Check,
    Criterion,
    Facts,
    Finding,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from collectors.facts.identity import User


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per user; one without a console password has nothing to protect with a second factor."""
    for user in facts.of(User):
        if user.can_sign_in is False:
            yield not_applicable(user, "user has no console password")
        elif user.has_mfa is True:
            yield passes(user, "user has an MFA device")
        elif gaps := unread_in(user.can_sign_in, user.has_mfa):
            yield unknown(user, *gaps)
        else:
            yield fails(user, "user has a console password and no MFA device")


CHECK = Check(
    id="identity.user_mfa",
    title="Users who can sign in have MFA",
    criteria=(
        Criterion("CC6.1", DIRECT, "a stolen password alone opens nothing"),
        Criterion("CC6.6", PARTIAL, "the console's sign-in page is reachable from the internet"),
    ),
    severity="critical",
    needs=(User,),
    remediation="Assign an MFA device to the user under IAM, Users, Security credentials, or remove the "
    "console password; in Entra have the user register a method that the directory allows, or block sign-in; "
    "in Google Workspace or Cloud Identity enforce 2-step verification.",
    equivalents={
        "prowler": (
            "iam_user_mfa_enabled_console_access",
            "entra_non_privileged_user_has_mfa",
            "entra_privileged_user_has_mfa",
            # whoever can reach a machine is a user, and every user is judged
            "entra_user_with_vm_access_has_mfa",
        ),
        "aws_config": ("mfa-enabled-for-iam-console-access",),
        "security_hub": ("IAM.5",),
        "cis": ("AWS 1.10",),
    },
    judge=judge,
)
