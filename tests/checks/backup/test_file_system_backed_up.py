"""backup.file_system_backed_up"""

from checks.api import Outcome
from checks.backup.file_system_backed_up import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import FileSystem


def test_a_backed_up_file_system_passes() -> None:
    """On is a pass."""
    assert outcome(CHECK, fact(FileSystem, backed_up=True)) is Outcome.PASS


def test_a_file_system_without_backup_fails() -> None:
    """Off is a fail."""
    assert outcome(CHECK, fact(FileSystem, backed_up=False)) is Outcome.FAIL


def test_an_unread_file_system_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(FileSystem))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_a_file_system_without_backups_of_its_own_is_not_applicable() -> None:
    """Then only the central service can make them, and another check looks at that."""
    assert outcome(CHECK, fact(FileSystem, backed_up=None)) is Outcome.NOT_APPLICABLE
