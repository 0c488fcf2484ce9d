"""detection.service_health_alert"""

from typing import Any

import pytest

from checks.api import Outcome
from checks.detection.service_health_alert import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.detection import ChangeAlert
from collectors.facts.monitoring import AuditCoverage

ACCOUNT = fact(AuditCoverage, "account")


def alert(**values: Any) -> ChangeAlert:
    """An alert on all health events that tells somebody, but for `values`."""
    good: dict[str, Any] = {"enabled": True, "events": ("health:*",), "whole_account": True, "receivers": 1}
    return fact(ChangeAlert, "outages", **{**good, **values})


@pytest.mark.parametrize("event", ["health:*", "health:incident"])
def test_an_alert_on_incidents_passes(event: str) -> None:
    """All health events hold the incidents."""
    (finding,) = judged(CHECK, ACCOUNT, alert(events=(event,)))

    assert finding.outcome is Outcome.PASS
    assert "outages" in finding.reason


def test_an_alert_on_maintenance_only_fails() -> None:
    """Planned work is no incident."""
    assert outcome(CHECK, ACCOUNT, alert(events=("health:maintenance",))) is Outcome.FAIL


def test_an_alert_that_tells_nobody_fails() -> None:
    """The incident is noticed and goes unheard."""
    assert outcome(CHECK, ACCOUNT, alert(receivers=0)) is Outcome.FAIL


def test_an_alert_on_operations_is_none_on_health() -> None:
    """Changes of settings are something else."""
    assert outcome(CHECK, ACCOUNT, alert(events=("microsoft.network/*",))) is Outcome.FAIL


def test_an_unread_alert_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, ACCOUNT, fact(ChangeAlert))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_a_listing_of_alerts_that_broke_off_is_unknown() -> None:
    """An alert missing from a cut-off list may exist."""
    (finding,) = judged(CHECK, ACCOUNT, unlisted={(ChangeAlert, "global"): DENIED})

    assert finding.outcome is Outcome.UNKNOWN
