"""Console passwords that nobody uses are removed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    SUPPORTING,
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
from collectors.facts.identity import User


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per user; a password that was never used counts from when it was set.

    A new user passes whatever else was read: nobody can be away for longer than they are there.  So a failure rests on
    both dates, and one that was not read leaves it open.
    """
    days = number(params, "unused_days")
    for user in facts.of(User):
        since, says = _since(user)
        if user.can_sign_in is False:
            yield not_applicable(user, "user has no console password")
        elif isinstance(since, datetime) and not older_than(since, days, now):
            yield passes(user, f"password {says} on {day(since)}, no more than {days} days ago")
        elif isinstance(user.created, datetime) and not older_than(user.created, days, now):
            yield passes(user, f"user was created on {day(user.created)}, no more than {days} days ago")
        elif isinstance(since, Unread) or unread_in(user.can_sign_in, user.created):
            yield unknown(user, *unread_in(user.can_sign_in, since, user.created))
        else:
            yield fails(user, f"working password {says} on {day(since)}, more than {days} days ago")


def _since(user: User) -> tuple[datetime | Unread, str]:
    """From when the password counts as unused, and in words what happened then."""
    if user.password_last_used is not None:
        return user.password_last_used, "was last used"
    if user.password_changed is not None:
        return user.password_changed, "was never used since it was set"
    return user.created, "was never used since the user was created"


CHECK = Check(
    id="identity.password_unused",
    title="Unused console passwords are removed",
    criteria=(
        Criterion("CC6.2", DIRECT, "sign-in is withdrawn from people who no longer need it"),
        Criterion("CC6.3", SUPPORTING, "rights that nobody uses are not needed"),
    ),
    severity="medium",
    needs=(User,),
    remediation="Disable the user's console access under IAM, Users, Security credentials (DeleteLoginProfile); in "
    "Entra, block the user's sign-in, or delete a guest; in Google Workspace or Cloud Identity, suspend the user.",
    equivalents={
        "prowler": ("iam_user_console_access_unused",),
        "aws_config": ("iam-user-unused-credentials-check",),
        "security_hub": ("IAM.8", "IAM.22"),
        "cis": ("AWS 1.12",),
    },
    judge=judge,
    params=(Param("unused_days", 90, "days", "a password must have been used within this many"),),
    time_dependent=True,
)
