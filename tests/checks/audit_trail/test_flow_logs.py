"""audit_trail.flow_logs"""

from checks.api import Outcome
from checks.audit_trail.flow_logs import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.network import Network


def test_a_logged_network_passes_and_says_what_is_logged() -> None:
    """Accepted traffic alone is less than all of it."""
    (finding,) = judged(CHECK, fact(Network, flow_logged=True, flow_log_traffic="ACCEPT"))

    assert finding.outcome is Outcome.PASS
    assert "ACCEPT traffic" in finding.reason


def test_the_kind_of_traffic_is_not_needed() -> None:
    """That a flow log works decides."""
    assert outcome(CHECK, fact(Network, flow_logged=True)) is Outcome.PASS


def test_a_network_without_a_flow_log_fails() -> None:
    """Unlogged traffic cannot be watched."""
    assert outcome(CHECK, fact(Network, flow_logged=False, flow_log_traffic=None)) is Outcome.FAIL


def test_an_unread_flow_log_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Network))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
