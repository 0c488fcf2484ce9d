"""audit_trail.load_balancer_access_log"""

from checks.api import Outcome
from checks.audit_trail.load_balancer_access_log import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.network import LoadBalancer


def test_a_balancer_that_logs_passes() -> None:
    """On is a pass."""
    assert outcome(CHECK, fact(LoadBalancer, access_logged=True)) is Outcome.PASS


def test_a_balancer_that_does_not_log_fails() -> None:
    """Off is a fail."""
    assert outcome(CHECK, fact(LoadBalancer, access_logged=False)) is Outcome.FAIL


def test_a_kind_without_an_access_log_has_nothing_to_judge() -> None:
    """None is an answer: this kind cannot log."""
    assert outcome(CHECK, fact(LoadBalancer, access_logged=None)) is Outcome.NOT_APPLICABLE


def test_an_unread_balancer_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(LoadBalancer))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
