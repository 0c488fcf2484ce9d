"""detection.metric_alarms"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.detection.metric_alarms import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.availability import MetricAlarm
from collectors.facts.core import Fact, Unread
from collectors.facts.monitoring import AuditCoverage

ACCOUNT = fact(AuditCoverage, "account")


def alarm(name: str = "alarm", **values: Any) -> MetricAlarm:
    """An alarm on the load of processors that is on and tells somebody, unless said otherwise."""
    given: dict[str, Any] = {"enabled": True, "measures": ("percentage cpu",), "receivers": 1}
    return fact(MetricAlarm, name, **(given | values))


@pytest.mark.parametrize(
    ("alarms", "expected"),
    [
        ([], Outcome.FAIL),
        ([alarm()], Outcome.PASS),
        ([alarm(enabled=False)], Outcome.FAIL),
        ([alarm(receivers=0)], Outcome.FAIL),
        ([alarm(measures=())], Outcome.FAIL),
        ([alarm(enabled=DENIED)], Outcome.UNKNOWN),
        ([alarm(enabled=DENIED, receivers=0)], Outcome.FAIL),
        ([alarm(measures=DENIED)], Outcome.UNKNOWN),
        ([alarm("a", receivers=DENIED), alarm("b")], Outcome.PASS),
    ],
)
def test_some_alarm_is_on_and_tells_somebody(alarms: list[MetricAlarm], expected: Outcome) -> None:
    """One that is known to do settles it."""
    assert outcome(CHECK, ACCOUNT, *alarms) is expected


def test_each_measure_asked_for_has_one() -> None:
    """The list is the company's, and the reason names what is missing."""
    alarms = (alarm("a"), alarm("b", measures=("http5xx",)))
    assert outcome(CHECK, ACCOUNT, *alarms, measures=("Percentage CPU", "http5*")) is Outcome.PASS
    (finding,) = judged(CHECK, ACCOUNT, *alarms, measures=("percentage cpu", "latency"))
    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "no alarm that is on and tells somebody watches latency"


def test_an_alarm_that_was_not_listed_may_be_the_one() -> None:
    """The listing did not reach its end; one that was found settles it all the same."""
    unlisted: dict[tuple[type[Fact], str], Unread] = {(MetricAlarm, "global"): DENIED}
    (finding,) = judged(CHECK, ACCOUNT, alarm(receivers=0), unlisted=unlisted)
    assert finding.outcome is Outcome.UNKNOWN
    assert "svc:ReadIt" in finding.reason
    (finding,) = judged(CHECK, ACCOUNT, alarm(), unlisted=unlisted)
    assert finding.outcome is Outcome.PASS
