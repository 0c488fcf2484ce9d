"""detection.availability_level"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.detection.availability_level import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.availability import MeasuredAvailability


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        (100.0, Outcome.PASS),
        (99.9, Outcome.PASS),
        (99.8999, Outcome.FAIL),
        (0.0, Outcome.FAIL),
        (None, Outcome.NOT_APPLICABLE),
        (DENIED, Outcome.UNKNOWN),
    ],
)
def test_the_measured_level_is_the_promised_one(percent: object, expected: Outcome) -> None:
    """Nothing measured is no level at all."""
    assert outcome(CHECK, fact(MeasuredAvailability, days=30, percent=percent)) is expected


def test_the_level_is_the_company_s() -> None:
    """And a reason never makes it look better than it is."""
    measured = fact(MeasuredAvailability, days=30, percent=99.8999)
    assert outcome(CHECK, measured, minimum_percent=99) is Outcome.PASS
    (finding,) = judged(CHECK, measured)
    assert finding.reason == "99.89 percent of tests went well in 30 days, less than 99.9 percent"
