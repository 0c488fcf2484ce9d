"""encryption.database_customer_key"""

from checks.api import Outcome
from checks.encryption.database_customer_key import CHECK
from checks.testing import DENIED, fact, judged
from collectors.facts.stores import Database, EncryptionKey


def test_a_database_with_a_key_passes() -> None:
    """A database with a key of the customer is a pass, and the key is named."""
    database = fact(Database, engine="dynamodb", clustered=False, customer_key="arn:ours")
    (finding,) = judged(CHECK, database, fact(EncryptionKey, "ours", customer_managed=True))

    assert finding.outcome is Outcome.PASS
    assert finding.reason == "dynamodb database is encrypted with the customer's key arn:ours"


def test_a_database_with_the_providers_key_fails() -> None:
    """The provider's default key is no key of the customer."""
    database = fact(Database, engine="dynamodb", clustered=False, customer_key="arn:theirs")
    (finding,) = judged(CHECK, database, fact(EncryptionKey, "theirs", customer_managed=False))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "dynamodb database is encrypted with the provider's own key arn:theirs"


def test_a_database_without_a_key_fails() -> None:
    """None is a read value: the provider's own key, or none."""
    (finding,) = judged(CHECK, fact(Database, engine="dynamodb", clustered=False, customer_key=None))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "dynamodb database is not encrypted with a key of the customer"


def test_an_unread_database_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict, and never the same as no key."""
    (finding,) = judged(CHECK, fact(Database, engine="dynamodb", clustered=False))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
