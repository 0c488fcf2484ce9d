"""identity.guest_invitation"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from checks.api import Outcome
from checks.identity.guest_invitation import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.identity import User

AT = NOW - timedelta(days=30)
OVER = NOW - timedelta(days=30, seconds=1)


def guest(since: Any, **changed: Any) -> User:
    """A guest who was invited then."""
    return fact(User, **{"guest": True, "can_sign_in": True, "invited_since": since, **changed})


def test_an_invitation_that_was_answered_passes() -> None:
    """The guest came."""
    assert outcome(CHECK, guest(None)) is Outcome.PASS


def test_an_invitation_may_stay_open_for_a_while() -> None:
    """Exactly 30 days are fine."""
    assert outcome(CHECK, guest(AT)) is Outcome.PASS


def test_an_invitation_that_stays_open_fails_and_names_its_date() -> None:
    """A second more is too long."""
    (finding,) = judged(CHECK, guest(OVER))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "invitation awaits an answer since 2026-05-16, more than 30 days"


def test_a_guest_who_is_blocked_is_not_applicable() -> None:
    """The invitation opens nothing."""
    assert outcome(CHECK, guest(OVER, can_sign_in=False)) is Outcome.NOT_APPLICABLE


def test_members_are_not_judged() -> None:
    """They were not invited."""
    assert judged(CHECK, guest(OVER, guest=False)) == []


@pytest.mark.parametrize(
    "unread", [guest(DENIED), guest(OVER, guest=DENIED), guest(OVER, can_sign_in=DENIED)], ids=["since", "guest", "may"]
)
def test_each_unread_value_is_unknown(unread: User) -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, unread)

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))


@pytest.mark.parametrize("known", [guest(None, guest=DENIED), guest(AT, guest=DENIED, can_sign_in=False)])
def test_of_somebody_who_may_be_a_member_nothing_is_said(known: User) -> None:
    """A member gets no finding, so whatever else was read decides nothing."""
    assert outcome(CHECK, known) is Outcome.UNKNOWN


def test_the_limit_can_be_set() -> None:
    """A company may give a week."""
    assert outcome(CHECK, guest(NOW - timedelta(days=8)), open_days=7) is Outcome.FAIL
