"""encryption.key_deletion"""

from checks.api import Outcome
from checks.encryption.key_deletion import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.stores import EncryptionKey


def test_a_key_without_a_date_passes() -> None:
    """None is a read value: no deletion is pending."""
    assert outcome(CHECK, fact(EncryptionKey, deletion_date=None)) is Outcome.PASS


def test_a_key_with_a_date_fails_and_names_it() -> None:
    """The reason tells how long there is to cancel."""
    (finding,) = judged(CHECK, fact(EncryptionKey, deletion_date=NOW))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "key is to be destroyed on 2026-06-15"


def test_an_unread_key_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict, and never the same as no date."""
    (finding,) = judged(CHECK, fact(EncryptionKey))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
