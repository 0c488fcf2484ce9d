"""backup.object_store_replicated"""

from checks.api import Outcome
from checks.backup.object_store_replicated import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import ObjectStore


def test_a_replicated_store_passes_with_its_destinations() -> None:
    """Destinations are sorted, so that the reason stays equal."""
    (finding,) = judged(CHECK, fact(ObjectStore, replicated_to=("arn:b", "arn:a")))

    assert finding.outcome is Outcome.PASS
    assert "arn:a, arn:b" in finding.reason


def test_a_store_that_is_not_replicated_fails() -> None:
    """No enabled rule is a fail."""
    assert outcome(CHECK, fact(ObjectStore, replicated_to=())) is Outcome.FAIL


def test_an_unread_store_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(ObjectStore))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
