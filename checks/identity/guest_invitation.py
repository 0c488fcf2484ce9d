"""Invitations that nobody answers are taken back."""

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
    """One finding per guest, and one that leaves it open per user who may be a guest."""
    days = number(params, "open_days")
    for user in facts.of(User):
        since = user.invited_since
        if user.guest is False:
            continue
        if isinstance(user.guest, Unread):
            yield unknown(user, user.guest)
        elif user.can_sign_in is False:
            yield not_applicable(user, "sign-in is blocked, so the invitation opens nothing")
        elif since is None:
            yield passes(user, "no invitation awaits an answer")
        elif isinstance(since, datetime) and not older_than(since, days, now):
            yield passes(user, f"invitation awaits an answer since {day(since)}, no more than {days} days")
        elif isinstance(since, Unread) or isinstance(user.can_sign_in, Unread):
            yield unknown(user, *unread_in(user.can_sign_in, since))
        else:
            yield fails(user, f"invitation awaits an answer since {day(since)}, more than {days} days")


CHECK = Check(
    id="identity.guest_invitation",
    title="Invitations of guests do not stay open",
    criteria=(
        Criterion("CC6.2", PARTIAL, "an account that was never taken up is withdrawn"),
        Criterion("CC6.3", SUPPORTING, "rights that nobody uses are not needed"),
    ),
    severity="medium",
    needs=(User,),
    remediation="Delete the guest under Entra, Users; invite again whoever still needs access.",
    equivalents={},
    judge=judge,
    params=(Param("open_days", 30, "days", "an invitation may await an answer"),),
    time_dependent=True,
)
