"""encryption.file_system_at_rest"""

from checks.api import Outcome
from checks.encryption.file_system_at_rest import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import FileSystem


def test_an_encrypted_file_system_passes() -> None:
    """An encrypted file system is a pass."""
    assert outcome(CHECK, fact(FileSystem, encrypted_at_rest=True)) is Outcome.PASS


def test_an_unencrypted_file_system_fails() -> None:
    """A file system in the clear is a fail."""
    (finding,) = judged(CHECK, fact(FileSystem, encrypted_at_rest=False))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "file system is not encrypted at rest"


def test_an_unread_file_system_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(FileSystem))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
