"""backup.object_store_lock"""

from checks.api import Outcome
from checks.backup.object_store_lock import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import ObjectStore


def test_a_store_with_default_retention_passes() -> None:
    """The retention is in the reason."""
    (finding,) = judged(CHECK, fact(ObjectStore, object_lock_days=30))

    assert finding.outcome is Outcome.PASS
    assert "30 days" in finding.reason


def test_a_lock_without_default_retention_passes_and_says_so() -> None:
    """0 is not None: lock is on."""
    (finding,) = judged(CHECK, fact(ObjectStore, object_lock_days=0))

    assert finding.outcome is Outcome.PASS
    assert "without a default retention" in finding.reason


def test_a_store_without_lock_fails() -> None:
    """None is an answer: lock is off."""
    assert outcome(CHECK, fact(ObjectStore, object_lock_days=None)) is Outcome.FAIL


def test_an_unread_store_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(ObjectStore))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
