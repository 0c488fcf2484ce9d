"""encryption.backup_vault_at_rest"""

from checks.api import Outcome
from checks.encryption.backup_vault_at_rest import CHECK
from checks.testing import DENIED, fact, judged
from collectors.facts.recovery import BackupVault


def test_a_vault_with_a_key_passes() -> None:
    """A vault with a key is a pass, and the key is named."""
    (finding,) = judged(CHECK, fact(BackupVault, encryption_key="arn:key"))

    assert finding.outcome is Outcome.PASS
    assert finding.reason == "vault is encrypted with key arn:key"


def test_a_vault_without_a_key_fails() -> None:
    """None is a read value: backups are kept in the clear."""
    (finding,) = judged(CHECK, fact(BackupVault, encryption_key=None))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "vault has no encryption key"


def test_an_unread_vault_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict, and never the same as no key."""
    (finding,) = judged(CHECK, fact(BackupVault))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
