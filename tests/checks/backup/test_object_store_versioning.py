"""backup.object_store_versioning"""

from checks.api import Outcome
from checks.backup.object_store_versioning import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import ObjectStore


def test_a_versioned_store_passes() -> None:
    """On is a pass."""
    assert outcome(CHECK, fact(ObjectStore, versioned=True)) is Outcome.PASS


def test_a_store_without_versions_fails() -> None:
    """Off and suspended are a fail."""
    assert outcome(CHECK, fact(ObjectStore, versioned=False)) is Outcome.FAIL


def test_an_unread_store_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(ObjectStore))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
