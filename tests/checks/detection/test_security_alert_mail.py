"""detection.security_alert_mail"""

import pytest

from checks.api import Outcome
from checks.detection.security_alert_mail import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Unread
from collectors.facts.detection import ChangeAlert, SecurityContact


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


def test_a_rule_of_the_companys_own_tells_in_place_of_a_contact() -> None:
    """On findings of the severity asked for; what could not be read of it might have settled it."""
    silent = fact(SecurityContact, alerts_from=None)

    def rule(*events: str, receivers: int | Unread = 1) -> ChangeAlert:
        return fact(ChangeAlert, enabled=True, events=events, whole_account=True, receivers=receivers)

    assert outcome(CHECK, silent, rule("finding:high")) is Outcome.PASS
    assert outcome(CHECK, silent, rule("finding:critical")) is Outcome.FAIL
    assert outcome(CHECK, silent, rule("finding:critical"), severity="critical") is Outcome.PASS
    assert outcome(CHECK, silent, rule("finding:high", receivers=0)) is Outcome.FAIL
    assert outcome(CHECK, silent, rule("finding:high", receivers=DENIED)) is Outcome.UNKNOWN


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
