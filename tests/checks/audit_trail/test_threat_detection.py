"""audit_trail.threat_detection"""

from checks.api import Outcome
from checks.audit_trail.threat_detection import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.monitoring import ThreatDetector


def test_a_region_with_a_detector_passes() -> None:
    """On is a pass."""
    assert outcome(CHECK, fact(ThreatDetector, enabled=True)) is Outcome.PASS


def test_a_region_without_a_detector_fails() -> None:
    """Absent and suspended are both a fail."""
    assert outcome(CHECK, fact(ThreatDetector, enabled=False)) is Outcome.FAIL


def test_each_region_has_its_own_finding() -> None:
    """A detector sees its own region only."""
    findings = judged(
        CHECK,
        fact(ThreatDetector, "a", region="us-east-1", enabled=True),
        fact(ThreatDetector, "b", region="eu-west-1", enabled=False),
    )

    assert [(finding.resource.region, finding.outcome) for finding in findings] == [
        ("us-east-1", Outcome.PASS),
        ("eu-west-1", Outcome.FAIL),
    ]


def test_an_unread_detector_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(ThreatDetector))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
