"""identity.shared_key_age"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from checks.api import Outcome
from checks.identity.shared_key_age import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.data_access import SharedKey


def key(**values: Any) -> SharedKey:
    """A working key of 90 days, unless said otherwise."""
    given: dict[str, Any] = {"active": True, "created": NOW - timedelta(days=90)}
    return fact(SharedKey, owner="store", **(given | values))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, Outcome.PASS),
        ({"created": NOW - timedelta(days=91)}, Outcome.FAIL),
        ({"created": NOW - timedelta(days=91), "active": DENIED}, Outcome.UNKNOWN),
        ({"active": DENIED}, Outcome.PASS),
        ({"created": DENIED, "active": False}, Outcome.NOT_APPLICABLE),
        ({"created": DENIED}, Outcome.UNKNOWN),
    ],
)
def test_a_key_that_works_is_young(values: dict[str, Any], expected: Outcome) -> None:
    """90 days are young enough, 91 are not; a key that is refused opens nothing."""
    assert outcome(CHECK, key(**values)) is expected


def test_the_age_can_be_changed() -> None:
    """A harder promise fails what the default passes, and the finding names the day."""
    (finding,) = judged(CHECK, key(), max_age_days=30)

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "key of store was made on 2026-03-17, more than 30 days ago"


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(SharedKey, owner="store"))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
