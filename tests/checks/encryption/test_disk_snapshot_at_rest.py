"""encryption.disk_snapshot_at_rest"""

from checks.api import Outcome
from checks.encryption.disk_snapshot_at_rest import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import DiskSnapshot


def test_an_encrypted_snapshot_passes() -> None:
    """An encrypted copy is a pass."""
    assert outcome(CHECK, fact(DiskSnapshot, encrypted_at_rest=True)) is Outcome.PASS


def test_an_unencrypted_snapshot_fails() -> None:
    """A copy in the clear is a fail."""
    (finding,) = judged(CHECK, fact(DiskSnapshot, encrypted_at_rest=False))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "snapshot is not encrypted"


def test_an_unread_snapshot_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(DiskSnapshot))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
