"""audit_trail.trail_encrypted"""

from checks.api import Outcome
from checks.audit_trail.trail_encrypted import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.monitoring import AuditTrail


def test_a_trail_with_a_customer_key_passes() -> None:
    """The key is named."""
    (finding,) = judged(CHECK, fact(AuditTrail, store="arn:logs", customer_key="arn:key"))

    assert finding.outcome is Outcome.PASS
    assert "arn:key" in finding.reason


def test_a_trail_without_a_customer_key_fails() -> None:
    """None is an answer: the provider's key alone."""
    assert outcome(CHECK, fact(AuditTrail, store="arn:logs", customer_key=None)) is Outcome.FAIL


def test_an_unread_key_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(AuditTrail, store="arn:logs"))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
