"""encryption.log_store_customer_key"""

from checks.api import Outcome
from checks.encryption.log_store_customer_key import CHECK
from checks.testing import DENIED, fact, judged
from collectors.facts.monitoring import LogStore


def test_a_log_store_with_a_key_passes() -> None:
    """A log store with a key of the customer is a pass, and the key is named."""
    (finding,) = judged(CHECK, fact(LogStore, customer_key="arn:key"))

    assert finding.outcome is Outcome.PASS
    assert finding.reason == "logs are encrypted with the customer's key arn:key"


def test_a_log_store_without_a_key_fails() -> None:
    """None is a read value: the provider's own key, or none."""
    (finding,) = judged(CHECK, fact(LogStore, customer_key=None))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "logs are not encrypted with a key of the customer"


def test_an_unread_log_store_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict, and never the same as no key."""
    (finding,) = judged(CHECK, fact(LogStore))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
