"""detection.alert_receivers"""

from checks.api import Outcome
from checks.detection.alert_receivers import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.detection import ChangeAlert


def test_an_alert_with_receivers_passes() -> None:
    """Somebody hears of it."""
    (finding,) = judged(CHECK, fact(ChangeAlert, enabled=True, receivers=2))

    assert finding.outcome is Outcome.PASS
    assert "2 in number" in finding.reason


def test_an_alert_without_receivers_fails() -> None:
    """On, and nobody hears of it."""
    assert outcome(CHECK, fact(ChangeAlert, enabled=True, receivers=0)) is Outcome.FAIL


def test_an_alert_that_is_off_is_not_applicable() -> None:
    """Whoever switched it off wants nobody told."""
    assert outcome(CHECK, fact(ChangeAlert, enabled=False, receivers=0)) is Outcome.NOT_APPLICABLE


def test_a_mute_alert_that_may_be_off_is_unknown() -> None:
    """Nobody can tell whether it should tell anybody."""
    assert outcome(CHECK, fact(ChangeAlert, receivers=0)) is Outcome.UNKNOWN


def test_an_unread_alert_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(ChangeAlert, enabled=True))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
