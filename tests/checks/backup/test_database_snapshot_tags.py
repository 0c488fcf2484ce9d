"""backup.database_snapshot_tags"""

from checks.api import Outcome
from checks.backup.database_snapshot_tags import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import Database


def test_a_database_that_copies_tags_passes() -> None:
    """The setting that is on is a pass."""
    assert (
        outcome(CHECK, fact(Database, engine="postgres", clustered=False, copies_tags_to_snapshots=True))
        is Outcome.PASS
    )


def test_a_database_that_drops_tags_fails() -> None:
    """The setting that is off is a fail."""
    assert (
        outcome(CHECK, fact(Database, engine="postgres", clustered=False, copies_tags_to_snapshots=False))
        is Outcome.FAIL
    )


def test_an_engine_without_the_setting_has_nothing_to_judge() -> None:
    """None is an answer: there is no such setting."""
    assert (
        outcome(CHECK, fact(Database, engine="dynamodb", clustered=False, copies_tags_to_snapshots=None))
        is Outcome.NOT_APPLICABLE
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
