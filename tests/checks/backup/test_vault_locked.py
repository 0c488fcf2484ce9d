"""backup.vault_locked"""

from checks.api import Outcome
from checks.backup.vault_locked import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.recovery import BackupVault


def test_a_locked_vault_passes() -> None:
    """Locked is a pass."""
    assert outcome(CHECK, fact(BackupVault, locked=True)) is Outcome.PASS


def test_an_open_vault_fails() -> None:
    """Backups that somebody can delete are a fail."""
    assert outcome(CHECK, fact(BackupVault, locked=False)) is Outcome.FAIL


def test_an_unread_vault_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(BackupVault))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
