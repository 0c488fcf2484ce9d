"""backup.load_balancer_zones"""

from checks.api import Outcome
from checks.backup.load_balancer_zones import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.network import LoadBalancer


def test_exactly_the_minimum_passes() -> None:
    """2 zones are enough."""
    assert outcome(CHECK, fact(LoadBalancer, zones=2)) is Outcome.PASS


def test_one_zone_less_fails() -> None:
    """1 zone is too few, and the reason says so."""
    (finding,) = judged(CHECK, fact(LoadBalancer, zones=1))

    assert finding.outcome is Outcome.FAIL
    assert "is 1, less than 2" in finding.reason


def test_the_minimum_can_be_set() -> None:
    """A control may ask for three zones."""
    assert outcome(CHECK, fact(LoadBalancer, zones=2), minimum=3) is Outcome.FAIL


def test_an_unread_balancer_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(LoadBalancer))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
