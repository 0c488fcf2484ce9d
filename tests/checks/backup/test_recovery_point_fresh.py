"""backup.recovery_point_fresh"""

from datetime import timedelta

from checks.api import Outcome
from checks.backup.recovery_point_fresh import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.recovery import ProtectedResource


def test_a_backup_of_exactly_the_limit_passes() -> None:
    """48 hours are still fine."""
    assert outcome(CHECK, fact(ProtectedResource, last_backup=NOW - timedelta(hours=48))) is Outcome.PASS


def test_a_backup_one_second_over_the_limit_fails_with_its_date() -> None:
    """Past 48 hours it is too old."""
    (finding,) = judged(CHECK, fact(ProtectedResource, last_backup=NOW - timedelta(hours=48, seconds=1)))

    assert finding.outcome is Outcome.FAIL
    assert "on 2026-06-13, more than 48 hours ago" in finding.reason


def test_the_limit_can_be_set() -> None:
    """A control may ask for weekly backups only."""
    assert (
        outcome(CHECK, fact(ProtectedResource, last_backup=NOW - timedelta(hours=100)), max_age_hours=168)
        is Outcome.PASS
    )


def test_a_resource_without_a_completed_backup_fails() -> None:
    """None is an answer: none was completed."""
    assert outcome(CHECK, fact(ProtectedResource, last_backup=None)) is Outcome.FAIL


def test_an_unread_backup_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(ProtectedResource))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
