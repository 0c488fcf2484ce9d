"""backup.database_point_in_time"""

from checks.api import Outcome
from checks.backup.database_point_in_time import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import Database


def test_a_database_that_can_go_back_passes() -> None:
    """The setting that is on is a pass."""
    assert outcome(CHECK, fact(Database, engine="postgres", clustered=False, point_in_time=True)) is Outcome.PASS


def test_a_database_that_cannot_go_back_fails() -> None:
    """The setting that is off is a fail."""
    assert outcome(CHECK, fact(Database, engine="postgres", clustered=False, point_in_time=False)) is Outcome.FAIL


def test_a_member_of_a_cluster_is_left_to_its_cluster() -> None:
    """The cluster is judged, even when the member could not be read."""
    assert outcome(CHECK, fact(Database, engine="aurora-mysql", clustered=True)) is Outcome.NOT_APPLICABLE


def test_an_unread_database_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Database, engine="postgres", clustered=False))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_an_engine_of_whole_copies_is_not_asked() -> None:
    """There is nothing to turn on."""
    (finding,) = judged(CHECK, fact(Database, engine="redshift", clustered=False, point_in_time=None))

    assert finding.outcome is Outcome.NOT_APPLICABLE
    assert "redshift" in finding.reason
