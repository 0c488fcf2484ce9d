"""The root user of every cloud account signs in with a second factor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params, fails, passes, unknown, unread_in
from collectors.facts.identity import RootUser


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per root user; one without any password has nothing to protect."""
    for root in facts.of(RootUser):
        if root.has_mfa is True:
            yield passes(root, "root has an MFA device")
        elif root.has_password is False:
            yield passes(root, "root has no password: its credentials were removed")
        elif unread := unread_in(root.has_mfa, root.has_password):
            yield unknown(root, *unread)
        else:
            yield fails(root, "root has a password and no MFA device")


CHECK = Check(
    id="identity.root_mfa",
    title="Root users have MFA",
    criteria=(
        Criterion("CC6.1", DIRECT, "the strongest identity needs more than a password"),
        Criterion("CC6.6", PARTIAL, "the root sign-in page is reachable from the internet"),
    ),
    severity="critical",
    needs=(RootUser,),
    remediation="Sign in as root, open Security credentials and assign an MFA device; or remove root "
    "credentials centrally in AWS Organizations.",
    equivalents={
        "prowler": ("iam_root_mfa_enabled",),
        "aws_config": ("root-account-mfa-enabled",),
        "security_hub": ("IAM.9",),
        "cis": ("AWS 1.5",),
    },
    judge=judge,
)
