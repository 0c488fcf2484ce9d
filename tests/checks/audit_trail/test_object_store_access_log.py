"""audit_trail.object_store_access_log"""

from checks.api import Outcome
from checks.audit_trail.object_store_access_log import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import ObjectStore


def test_a_logged_store_passes() -> None:
    """The target is named."""
    (finding,) = judged(CHECK, fact(ObjectStore, access_log_to="arn:access"))

    assert finding.outcome is Outcome.PASS
    assert "arn:access" in finding.reason


def test_a_store_without_a_log_fails() -> None:
    """None is an answer: not logged."""
    assert outcome(CHECK, fact(ObjectStore, access_log_to=None)) is Outcome.FAIL


def test_an_unread_store_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(ObjectStore))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
