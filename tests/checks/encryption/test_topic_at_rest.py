"""encryption.topic_at_rest"""

from checks.api import Outcome
from checks.encryption.topic_at_rest import CHECK
from checks.testing import DENIED, fact, judged
from collectors.facts.stores import Topic


def test_a_topic_with_a_key_passes() -> None:
    """A topic with a key is a pass, and the key is named."""
    (finding,) = judged(CHECK, fact(Topic, encryption_key="arn:key"))

    assert finding.outcome is Outcome.PASS
    assert finding.reason == "messages are encrypted at rest with key arn:key"


def test_a_topic_without_a_key_fails() -> None:
    """None is a read value: messages wait in the clear."""
    (finding,) = judged(CHECK, fact(Topic, encryption_key=None))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "messages are not encrypted at rest"


def test_an_unread_topic_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict, and never the same as no key."""
    (finding,) = judged(CHECK, fact(Topic))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
