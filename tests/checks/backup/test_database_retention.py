"""backup.database_retention"""

from checks.api import Outcome
from checks.backup.database_retention import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import Database


def test_backups_kept_for_exactly_the_minimum_pass() -> None:
    """7 days are enough."""
    assert outcome(CHECK, fact(Database, engine="postgres", clustered=False, backup_days=7)) is Outcome.PASS


def test_backups_kept_one_day_less_fail() -> None:
    """6 days are too few, and the reason says so."""
    (finding,) = judged(CHECK, fact(Database, engine="postgres", clustered=False, backup_days=6))

    assert finding.outcome is Outcome.FAIL
    assert "6 days, less than 7 days" in finding.reason


def test_backups_that_are_off_fail() -> None:
    """0 is less than any minimum, and is said in words."""
    (finding,) = judged(CHECK, fact(Database, engine="postgres", clustered=False, backup_days=0))

    assert finding.outcome is Outcome.FAIL
    assert "are off" in finding.reason


def test_the_minimum_can_be_set() -> None:
    """A control may ask for more."""
    assert (
        outcome(CHECK, fact(Database, engine="postgres", clustered=False, backup_days=30), minimum_days=31)
        is Outcome.FAIL
    )


def test_a_member_of_a_cluster_is_left_to_its_cluster() -> None:
    """The cluster is judged, even when the member could not be read."""
    assert outcome(CHECK, fact(Database, engine="aurora-mysql", clustered=True)) is Outcome.NOT_APPLICABLE


def test_an_unread_database_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Database, engine="postgres", clustered=False))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
