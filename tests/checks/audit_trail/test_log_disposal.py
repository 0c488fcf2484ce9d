"""audit_trail.log_disposal"""

from checks.api import Outcome
from checks.audit_trail.log_disposal import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.monitoring import LogStore


def test_logs_that_never_expire_fail() -> None:
    """None is an answer: kept for ever, so never disposed of."""
    assert outcome(CHECK, fact(LogStore, retention_days=None)) is Outcome.FAIL


def test_logs_kept_for_exactly_the_maximum_pass() -> None:
    """3653 days are ten years."""
    assert outcome(CHECK, fact(LogStore, retention_days=3653)) is Outcome.PASS


def test_logs_kept_one_day_more_fail() -> None:
    """3654 days are too many, and the reason says so."""
    (finding,) = judged(CHECK, fact(LogStore, retention_days=3654))

    assert finding.outcome is Outcome.FAIL
    assert "3654 days, more than 3653 days" in finding.reason


def test_the_maximum_can_be_set() -> None:
    """A control may ask for an earlier end."""
    assert outcome(CHECK, fact(LogStore, retention_days=400), maximum_days=399) is Outcome.FAIL


def test_an_unread_retention_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(LogStore))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
