"""backup.database_automated"""

from checks.api import Outcome
from checks.backup.database_automated import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import Database


def test_one_day_of_backups_passes() -> None:
    """Any retention above 0 means that backups are on."""
    assert outcome(CHECK, fact(Database, engine="postgres", clustered=False, backup_days=1)) is Outcome.PASS


def test_no_day_of_backups_fails() -> None:
    """0 means off."""
    assert outcome(CHECK, fact(Database, engine="postgres", clustered=False, backup_days=0)) is Outcome.FAIL


def test_a_member_of_a_cluster_is_left_to_its_cluster() -> None:
    """The cluster is judged, even when the member could not be read."""
    assert outcome(CHECK, fact(Database, engine="aurora-mysql", clustered=True)) is Outcome.NOT_APPLICABLE


def test_an_unread_database_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Database, engine="postgres", clustered=False))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
