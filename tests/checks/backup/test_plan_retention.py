"""backup.plan_retention"""

from checks.api import Outcome
from checks.backup.plan_retention import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.recovery import BackupPlan


def test_backups_kept_for_ever_pass() -> None:
    """None is an answer: never deleted."""
    assert outcome(CHECK, fact(BackupPlan, shortest_retention_days=None)) is Outcome.PASS


def test_backups_kept_for_exactly_the_minimum_pass() -> None:
    """7 days are enough."""
    assert outcome(CHECK, fact(BackupPlan, shortest_retention_days=7)) is Outcome.PASS


def test_backups_kept_one_day_less_fail() -> None:
    """6 days are too few, and the reason says so."""
    (finding,) = judged(CHECK, fact(BackupPlan, shortest_retention_days=6))

    assert finding.outcome is Outcome.FAIL
    assert "after 6 days, before 7 days" in finding.reason


def test_the_minimum_can_be_set() -> None:
    """A control may ask for more."""
    assert outcome(CHECK, fact(BackupPlan, shortest_retention_days=30), minimum_days=35) is Outcome.FAIL


def test_an_unread_plan_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(BackupPlan))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
