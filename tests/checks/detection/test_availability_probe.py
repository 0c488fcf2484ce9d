"""detection.availability_probe"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.detection.availability_probe import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.availability import AvailabilityProbe
from collectors.facts.core import Fact, Unread
from collectors.facts.monitoring import AuditCoverage

ACCOUNT = fact(AuditCoverage, "account")


def probe(name: str = "probe", **values: Any) -> AvailabilityProbe:
    """A test that is on, frequent and from afar, unless said otherwise."""
    return fact(AvailabilityProbe, name, **({"enabled": True, "every_seconds": 300, "places": 2} | values))


@pytest.mark.parametrize(
    ("probes", "expected"),
    [
        ([], Outcome.FAIL),
        ([probe()], Outcome.PASS),
        ([probe(enabled=False)], Outcome.FAIL),
        ([probe(every_seconds=301)], Outcome.FAIL),
        ([probe(places=1)], Outcome.FAIL),
        ([probe(enabled=DENIED)], Outcome.UNKNOWN),
        ([probe(enabled=DENIED, places=1)], Outcome.FAIL),
        ([probe(every_seconds=DENIED)], Outcome.UNKNOWN),
        ([probe("a", places=DENIED), probe("b")], Outcome.PASS),
        ([probe("a", enabled=False), probe("b")], Outcome.PASS),
    ],
)
def test_some_test_asks_often_from_several_places(probes: list[AvailabilityProbe], expected: Outcome) -> None:
    """One that is known to do settles it."""
    assert outcome(CHECK, ACCOUNT, *probes) is expected


def test_a_test_that_was_not_listed_may_be_the_one() -> None:
    """The listing did not reach its end; one that was found settles it all the same."""
    unlisted: dict[tuple[type[Fact], str], Unread] = {(AvailabilityProbe, "global"): DENIED}
    (finding,) = judged(CHECK, ACCOUNT, probe(enabled=False), unlisted=unlisted)
    assert finding.outcome is Outcome.UNKNOWN
    assert "svc:ReadIt" in finding.reason
    (finding,) = judged(CHECK, ACCOUNT, probe(), unlisted=unlisted)
    assert finding.outcome is Outcome.PASS


def test_how_often_and_from_where_is_the_company_s() -> None:
    """Both can be set."""
    assert outcome(CHECK, ACCOUNT, probe(every_seconds=900), max_seconds=900) is Outcome.PASS
    assert outcome(CHECK, ACCOUNT, probe(), min_places=3) is Outcome.FAIL
