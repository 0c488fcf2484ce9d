"""identity.password_unused"""

from datetime import datetime, timedelta

import pytest

from checks.api import Outcome
from checks.identity.password_unused import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.core import Unread
from collectors.facts.identity import User

LONG_AGO = NOW - timedelta(days=400)
AT = NOW - timedelta(days=90)
OVER = NOW - timedelta(days=90, seconds=1)


def user(
    *,
    can_sign_in: bool | Unread = True,
    used: datetime | None | Unread = None,
    changed: datetime | None | Unread = None,
    created: datetime | Unread = LONG_AGO,
) -> User:
    """A user whose password was never used, unless said otherwise."""
    return fact(User, can_sign_in=can_sign_in, password_last_used=used, password_changed=changed, created=created)


def test_a_use_exactly_at_the_limit_passes() -> None:
    """90 days without sign-in are fine."""
    assert outcome(CHECK, user(used=AT)) is Outcome.PASS


def test_a_use_just_over_the_limit_fails_and_names_its_date() -> None:
    """The reason holds the date of the last use."""
    (finding,) = judged(CHECK, user(used=OVER))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "working password was last used on 2026-03-17, more than 90 days ago"


def test_a_password_that_was_never_used_counts_from_when_it_was_set() -> None:
    """An old user with a new password gets the time to use it, and not a second more."""
    assert outcome(CHECK, user(changed=AT)) is Outcome.PASS
    assert outcome(CHECK, user(changed=OVER)) is Outcome.FAIL


def test_a_password_without_a_date_counts_from_the_users_creation() -> None:
    """Where the provider does not tell when it was set, the user's age decides."""
    assert outcome(CHECK, user(created=AT)) is Outcome.PASS
    (finding,) = judged(CHECK, user(created=OVER))

    assert finding.outcome is Outcome.FAIL
    assert "never used since the user was created on 2026-03-17" in finding.reason


def test_a_user_without_a_password_is_not_applicable() -> None:
    """Nothing can be used, so no date needs to be read."""
    assert outcome(CHECK, user(can_sign_in=False, used=DENIED)) is Outcome.NOT_APPLICABLE


def test_a_used_password_passes_when_its_state_was_not_read() -> None:
    """Its use decides either way."""
    assert outcome(CHECK, user(can_sign_in=DENIED, used=AT)) is Outcome.PASS


@pytest.mark.parametrize(
    "unread",
    [
        user(used=DENIED),
        user(changed=DENIED),
        user(created=DENIED),
        user(can_sign_in=DENIED, used=OVER),
        user(created=DENIED, used=OVER),
    ],
    ids=[
        "last use",
        "date of an unused password",
        "creation of the user",
        "state of an unused password",
        "creation of a user who came once",
    ],
)
def test_each_unread_value_is_unknown_and_names_the_operation(unread: User) -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, unread)

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_the_limit_can_be_set() -> None:
    """A company may ask for 45 days."""
    assert outcome(CHECK, user(used=NOW - timedelta(days=46)), unused_days=45) is Outcome.FAIL


def test_a_new_user_passes_whatever_was_read() -> None:
    """Nobody can be away for longer than they are there."""
    (finding,) = judged(CHECK, user(used=DENIED, changed=DENIED, created=AT))

    assert finding.outcome is Outcome.PASS
    assert finding.reason == "user was created on 2026-03-17, no more than 90 days ago"
    assert outcome(CHECK, user(used=DENIED, created=OVER)) is Outcome.UNKNOWN
