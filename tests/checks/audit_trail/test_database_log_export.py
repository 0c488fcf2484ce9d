"""audit_trail.database_log_export"""

from checks.api import Outcome
from checks.audit_trail.database_log_export import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import Database


def test_a_database_that_exports_passes_with_the_names() -> None:
    """Names are sorted, so that the reason stays equal."""
    (finding,) = judged(
        CHECK, fact(Database, engine="postgres", clustered=False, exported_logs=("upgrade", "postgresql"))
    )

    assert finding.outcome is Outcome.PASS
    assert "postgresql, upgrade" in finding.reason


def test_a_database_that_exports_nothing_fails() -> None:
    """An empty choice is a fail."""
    assert outcome(CHECK, fact(Database, engine="postgres", clustered=False, exported_logs=())) is Outcome.FAIL


def test_an_engine_without_logs_has_nothing_to_judge() -> None:
    """None is an answer: the engine offers none."""
    (finding,) = judged(CHECK, fact(Database, engine="dynamodb", clustered=False, exported_logs=None))

    assert finding.outcome is Outcome.NOT_APPLICABLE
    assert "dynamodb" in finding.reason


def test_a_member_of_a_cluster_is_not_judged() -> None:
    """The setting is the cluster's, whatever the member's answer holds."""
    member = fact(Database, engine="aurora-mysql", clustered=True, exported_logs=())

    assert outcome(CHECK, member) is Outcome.NOT_APPLICABLE


def test_an_unread_database_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Database, engine="postgres", clustered=False))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
