"""encryption.object_store_at_rest"""

from checks.api import Outcome
from checks.encryption.object_store_at_rest import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import ObjectStore


def test_an_encrypted_store_passes() -> None:
    """Encryption by default is a pass."""
    assert outcome(CHECK, fact(ObjectStore, encrypted_at_rest=True)) is Outcome.PASS


def test_an_unencrypted_store_fails() -> None:
    """A store that keeps objects in the clear is a fail."""
    (finding,) = judged(CHECK, fact(ObjectStore, encrypted_at_rest=False))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "new objects are not encrypted by default"


def test_an_unread_store_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(ObjectStore))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
