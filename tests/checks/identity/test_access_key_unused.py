"""identity.access_key_unused"""

from datetime import datetime, timedelta

import pytest

from checks.api import Outcome
from checks.identity.access_key_unused import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.core import Unread
from collectors.facts.identity import AccessKey

LONG_AGO = NOW - timedelta(days=400)
AT = NOW - timedelta(days=90)
OVER = NOW - timedelta(days=90, seconds=1)


def key(
    *,
    active: bool | Unread = True,
    created: datetime | Unread = LONG_AGO,
    last_used: datetime | None | Unread = DENIED,
) -> AccessKey:
    """A key of ann's that was made long ago."""
    return fact(AccessKey, owner="ann", active=active, created=created, last_used=last_used)


def test_a_use_exactly_at_the_limit_passes() -> None:
    """90 days without use are fine, however old the key is."""
    assert outcome(CHECK, key(last_used=AT)) is Outcome.PASS


def test_a_use_just_over_the_limit_fails_and_names_its_date() -> None:
    """The reason holds the date of the last use."""
    (finding,) = judged(CHECK, key(last_used=OVER))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "active key was last used on 2026-03-17, more than 90 days ago"


def test_a_key_that_was_never_used_counts_from_its_creation() -> None:
    """A forgotten key that nobody ever used is the very one to find."""
    (finding,) = judged(CHECK, key(created=OVER, last_used=None))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "active key was never used since it was created on 2026-03-17, more than 90 days ago"


def test_a_new_key_may_be_unused() -> None:
    """Exactly 90 days after its creation it still passes."""
    assert outcome(CHECK, key(created=AT, last_used=None)) is Outcome.PASS


def test_an_inactive_key_is_not_applicable() -> None:
    """A key that does not work never needs its last use."""
    assert outcome(CHECK, key(active=False)) is Outcome.NOT_APPLICABLE


def test_a_used_key_passes_when_its_state_was_not_read() -> None:
    """Its use decides either way."""
    assert outcome(CHECK, key(active=DENIED, last_used=AT)) is Outcome.PASS


@pytest.mark.parametrize(
    "unread",
    [
        key(last_used=DENIED),
        key(created=DENIED, last_used=None),
        key(active=DENIED, last_used=OVER),
        key(created=DENIED, last_used=OVER),
    ],
    ids=["last use", "creation of an unused key", "state of an unused key", "creation of a key that was used once"],
)
def test_each_unread_value_is_unknown_and_names_the_operation(unread: AccessKey) -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, unread)

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_the_limit_can_be_set() -> None:
    """A company may ask for 45 days."""
    assert outcome(CHECK, key(last_used=NOW - timedelta(days=46)), unused_days=45) is Outcome.FAIL


def test_a_young_key_passes_whatever_it_was_used_for() -> None:
    """Nothing can be unused for longer than it is there."""
    (finding,) = judged(CHECK, key(created=AT, last_used=DENIED))

    assert finding.outcome is Outcome.PASS
    assert finding.reason == "key was created on 2026-03-17, no more than 90 days ago"


def test_a_key_that_ended_is_not_applicable() -> None:
    """It opens nothing any more, used or not."""
    ended = fact(AccessKey, owner="shop", active=True, created=LONG_AGO, last_used=DENIED, expires=NOW)
    running = fact(AccessKey, owner="shop", active=True, created=LONG_AGO, last_used=OVER, expires=DENIED)

    assert outcome(CHECK, ended) is Outcome.NOT_APPLICABLE
    assert outcome(CHECK, running) is Outcome.UNKNOWN
