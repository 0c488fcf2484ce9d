"""backup.recovery_point_at_rest"""

from checks.api import Outcome
from checks.backup.recovery_point_at_rest import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.recovery import RecoveryPoint


def test_an_encrypted_backup_passes_and_names_its_source() -> None:
    """The reason says what was backed up."""
    (finding,) = judged(CHECK, fact(RecoveryPoint, of="arn:db", encrypted_at_rest=True))

    assert finding.outcome is Outcome.PASS
    assert "arn:db" in finding.reason


def test_a_plain_backup_fails() -> None:
    """An unencrypted copy is a fail."""
    assert outcome(CHECK, fact(RecoveryPoint, of="arn:db", encrypted_at_rest=False)) is Outcome.FAIL


def test_an_unread_backup_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(RecoveryPoint, of="arn:db"))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
