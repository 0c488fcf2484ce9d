"""encryption.queue_at_rest"""

from checks.api import Outcome
from checks.encryption.queue_at_rest import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import Queue, Stream


def test_an_encrypted_queue_passes() -> None:
    """Encrypted messages are a pass."""
    assert outcome(CHECK, fact(Queue, encrypted_at_rest=True)) is Outcome.PASS


def test_an_unencrypted_queue_fails() -> None:
    """Messages in the clear are a fail."""
    (finding,) = judged(CHECK, fact(Queue, encrypted_at_rest=False))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "messages are not encrypted at rest"


def test_an_unread_queue_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Queue))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_streams_are_judged_alike() -> None:
    """Beside the queues, each by its own encryption."""
    outcomes = {
        finding.resource.name: finding.outcome
        for finding in judged(
            CHECK,
            fact(Queue, "queue", encrypted_at_rest=True),
            fact(Stream, "plain", encrypted_at_rest=False),
            fact(Stream, "unread"),
        )
    }

    assert outcomes == {"queue": Outcome.PASS, "plain": Outcome.FAIL, "unread": Outcome.UNKNOWN}
