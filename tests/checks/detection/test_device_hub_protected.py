"""detection.device_hub_protected"""

from checks.api import Outcome
from checks.detection.device_hub_protected import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.detection import DeviceHub


def test_a_watched_hub_passes() -> None:
    """Threat detection is on for it."""
    assert outcome(CHECK, fact(DeviceHub, protected=True)) is Outcome.PASS


def test_a_hub_that_nothing_watches_fails() -> None:
    """An attack through devices would go unnoticed."""
    assert outcome(CHECK, fact(DeviceHub, protected=False)) is Outcome.FAIL


def test_each_hub_has_its_own_finding() -> None:
    """One hub's protection says nothing of another."""
    found = judged(CHECK, fact(DeviceHub, "a", protected=True), fact(DeviceHub, "b", protected=False))

    assert [(each.resource.name, each.outcome) for each in found] == [("a", Outcome.PASS), ("b", Outcome.FAIL)]


def test_an_unread_hub_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(DeviceHub))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
