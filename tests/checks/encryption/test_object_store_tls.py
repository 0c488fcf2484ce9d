"""encryption.object_store_tls"""

from checks.api import Outcome
from checks.encryption.object_store_tls import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import ObjectStore


def test_a_tls_only_store_passes() -> None:
    """A store that refuses plain requests is a pass."""
    assert outcome(CHECK, fact(ObjectStore, requires_tls=True)) is Outcome.PASS


def test_a_plaintext_store_fails() -> None:
    """A store that answers plain requests is a fail."""
    (finding,) = judged(CHECK, fact(ObjectStore, requires_tls=False))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "requests without TLS are not refused"


def test_an_unread_store_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(ObjectStore))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
