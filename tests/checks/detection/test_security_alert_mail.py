"""detection.security_alert_mail"""

import pytest

from checks.api import Outcome
from checks.detection.security_alert_mail import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.detection import SecurityContact


@pytest.mark.parametrize(
    ("told", "expected"),
    [("low", Outcome.PASS), ("medium", Outcome.PASS), ("high", Outcome.PASS), ("critical", Outcome.FAIL)],
)
def test_mails_from_high_severity_down_pass(told: str, expected: Outcome) -> None:
    """Whoever gets mails of low severity gets the high ones too; of critical ones only is too few."""
    assert outcome(CHECK, fact(SecurityContact, alerts_from=told)) is expected


def test_no_mails_fail() -> None:
    """Nobody is told of any alert."""
    assert outcome(CHECK, fact(SecurityContact, alerts_from=None)) is Outcome.FAIL


def test_the_company_may_ask_for_more() -> None:
    """The severity is its own choice."""
    it = fact(SecurityContact, alerts_from="high")

    assert outcome(CHECK, it, severity="medium") is Outcome.FAIL
    assert outcome(CHECK, it, severity="critical") is Outcome.PASS


def test_a_severity_that_is_none_breaks_the_check() -> None:
    """A misspelled promise ends in ERROR, not in a verdict."""
    with pytest.raises(ValueError, match="grave"):
        outcome(CHECK, fact(SecurityContact, alerts_from="low"), severity="grave")


def test_an_unread_contact_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(SecurityContact))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
