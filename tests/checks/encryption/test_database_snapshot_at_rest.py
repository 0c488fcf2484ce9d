"""encryption.database_snapshot_at_rest"""

from checks.api import Outcome
from checks.encryption.database_snapshot_at_rest import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import DatabaseSnapshot


def test_an_encrypted_snapshot_passes() -> None:
    """An encrypted copy is a pass."""
    assert outcome(CHECK, fact(DatabaseSnapshot, encrypted_at_rest=True)) is Outcome.PASS


def test_an_unencrypted_snapshot_fails() -> None:
    """A copy in the clear is a fail."""
    (finding,) = judged(CHECK, fact(DatabaseSnapshot, encrypted_at_rest=False))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "snapshot is not encrypted at rest"


def test_an_unread_snapshot_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(DatabaseSnapshot))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
