"""audit_trail.log_retention"""

from checks.api import Outcome
from checks.audit_trail.log_retention import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.monitoring import LogStore


def test_logs_that_never_expire_pass() -> None:
    """None is an answer: kept for ever."""
    assert outcome(CHECK, fact(LogStore, retention_days=None)) is Outcome.PASS


def test_logs_kept_for_exactly_the_minimum_pass() -> None:
    """365 days are enough."""
    assert outcome(CHECK, fact(LogStore, retention_days=365)) is Outcome.PASS


def test_logs_kept_one_day_less_fail() -> None:
    """364 days are too few, and the reason says so."""
    (finding,) = judged(CHECK, fact(LogStore, retention_days=364))

    assert finding.outcome is Outcome.FAIL
    assert "364 days, less than 365 days" in finding.reason


def test_the_minimum_can_be_set() -> None:
    """A control may ask for less."""
    assert outcome(CHECK, fact(LogStore, retention_days=90), minimum_days=90) is Outcome.PASS


def test_an_unread_retention_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(LogStore))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
