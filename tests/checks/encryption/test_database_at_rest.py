"""encryption.database_at_rest"""

from checks.api import Outcome
from checks.encryption.database_at_rest import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import Database


def test_an_encrypted_database_passes() -> None:
    """An encrypted database is a pass."""
    assert outcome(CHECK, fact(Database, engine="postgres", clustered=False, encrypted_at_rest=True)) is Outcome.PASS


def test_an_unencrypted_database_fails() -> None:
    """A database in the clear is a fail."""
    (finding,) = judged(CHECK, fact(Database, engine="postgres", clustered=False, encrypted_at_rest=False))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "postgres database is not encrypted at rest"


def test_an_unread_database_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Database, engine="postgres", clustered=False))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
