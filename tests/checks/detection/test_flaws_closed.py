"""detection.flaws_closed"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from checks.api import Outcome
from checks.detection.flaws_closed import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.detection import DatedFlaws


def flaws(**days: Any) -> DatedFlaws:
    """A machine whose oldest flaw of each severity is known for so many days; without any where none are given."""
    given = {"critical": None, "high": None, "medium": None, **days}
    since: dict[str, Any] = {
        f"{severity}_since": NOW - timedelta(days=each) if isinstance(each, int) else each
        for severity, each in given.items()
    }
    return fact(DatedFlaws, **since)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ({"critical": 7, "high": 30, "medium": 90}, Outcome.PASS),
        ({"critical": 8}, Outcome.FAIL),
        ({"high": 8}, Outcome.PASS),
        ({"high": 31}, Outcome.FAIL),
        ({"medium": 31}, Outcome.PASS),
        ({"medium": 91}, Outcome.FAIL),
        ({}, Outcome.PASS),
        ({"critical": DENIED, "high": 1}, Outcome.UNKNOWN),
        ({"critical": DENIED, "high": 31}, Outcome.FAIL),
    ],
)
def test_each_weight_has_its_time(days: dict[str, Any], expected: Outcome) -> None:
    """The oldest flaw of each severity decides, and one that is overdue settles it."""
    assert outcome(CHECK, flaws(**days)) is expected


def test_reasons_name_dates() -> None:
    """So that they stay the same while nothing changes."""
    (late,) = judged(CHECK, flaws(critical=8, high=2, medium=91))
    (early,) = judged(CHECK, flaws(critical=2, high=28))

    assert late.reason == (
        "a critical flaw is known since 2026-06-07, more than 7 days; "
        "a medium flaw is known since 2026-03-16, more than 90 days"
    )
    assert early.reason == "open flaws are to be closed by 2026-06-17"


def test_the_times_can_be_set() -> None:
    """A company may promise more."""
    assert outcome(CHECK, flaws(high=8), high_days=7) is Outcome.FAIL


def test_an_account_without_flaws_has_none_to_judge() -> None:
    """Whether somebody looks for flaws is asked elsewhere."""
    assert judged(CHECK) == []


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(DatedFlaws))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
