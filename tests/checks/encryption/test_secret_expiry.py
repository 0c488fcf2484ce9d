"""encryption.secret_expiry"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from checks.api import Outcome
from checks.encryption.secret_expiry import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.stores import Secret


def secret(**values: Any) -> Secret:
    """A secret in use that was put in today and ends in a year, unless said otherwise."""
    given: dict[str, Any] = {"can_expire": True, "enabled": True, "changed": NOW, "expires": NOW + timedelta(days=365)}
    return fact(Secret, **(given | values))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, Outcome.PASS),
        ({"expires": NOW + timedelta(days=366)}, Outcome.FAIL),
        ({"expires": NOW - timedelta(days=1)}, Outcome.PASS),
        ({"expires": None}, Outcome.FAIL),
        ({"changed": None, "created": NOW}, Outcome.PASS),
        ({"can_expire": False, "expires": None}, Outcome.NOT_APPLICABLE),
        ({"enabled": False, "expires": None}, Outcome.NOT_APPLICABLE),
        ({"enabled": DENIED, "expires": None}, Outcome.UNKNOWN),
        ({"changed": DENIED}, Outcome.UNKNOWN),
        ({"expires": DENIED}, Outcome.UNKNOWN),
    ],
)
def test_a_secret_in_use_ends_within_the_time(values: dict[str, Any], expected: Outcome) -> None:
    """Counted from the day on which its value was put in."""
    assert outcome(CHECK, secret(**values)) is expected


def test_the_time_can_be_changed() -> None:
    """A shorter time is a harder promise, and the finding names both dates."""
    (finding,) = judged(CHECK, secret(), max_days=90)

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "secret of 2026-06-15 ends on 2027-06-15, after more than 90 days"
