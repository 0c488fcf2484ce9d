"""identity.password_guessing"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.identity.password_guessing import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.directory import PasswordProtection


def protection(**changed: Any) -> PasswordProtection:
    """Protection that is just good enough."""
    said = {"lockout_after": 10, "lockout_seconds": 60, "own_words_refused": True}
    return fact(PasswordProtection, **{**said, **changed})


def test_protection_at_the_limits_passes() -> None:
    """Exactly 10 attempts and exactly 60 seconds are fine."""
    assert outcome(CHECK, protection()) is Outcome.PASS


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"lockout_after": 11}, "11 wrong passwords lock sign-in, more than 10"),
        ({"lockout_seconds": 59}, "the lock lasts 59 seconds, fewer than 60"),
        ({"own_words_refused": False}, "no list of words of the company's own is refused in passwords"),
    ],
)
def test_each_weakness_fails_whatever_else_was_not_read(changed: dict[str, Any], reason: str) -> None:
    """One decides."""
    (finding,) = judged(CHECK, fact(PasswordProtection, **changed))

    assert (finding.outcome, finding.reason) == (Outcome.FAIL, reason)


@pytest.mark.parametrize("field", ["lockout_after", "lockout_seconds", "own_words_refused"])
def test_each_unread_value_is_unknown(field: str) -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, protection(**{field: DENIED}))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))


def test_the_limits_can_be_set() -> None:
    """A company may want more."""
    assert outcome(CHECK, protection(), attempts=5) is Outcome.FAIL
    assert outcome(CHECK, protection(), lock_seconds=300) is Outcome.FAIL


def test_a_cloud_without_such_settings_is_not_applicable() -> None:
    """Where a company sets the rules for passwords themselves, other checks judge them."""
    assert judged(CHECK) == []
    assert not any(type_.exists_in("aws") for type_ in CHECK.population)
