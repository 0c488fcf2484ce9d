"""encryption.disk_at_rest"""

from checks.api import Outcome
from checks.encryption.disk_at_rest import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import Disk


def test_an_encrypted_disk_passes() -> None:
    """An encrypted disk is a pass, attached or not."""
    assert outcome(CHECK, fact(Disk, encrypted_at_rest=True)) is Outcome.PASS


def test_an_unencrypted_disk_fails() -> None:
    """A disk in the clear is a fail."""
    (finding,) = judged(CHECK, fact(Disk, encrypted_at_rest=False))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "disk is not encrypted"


def test_an_unread_disk_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Disk))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
