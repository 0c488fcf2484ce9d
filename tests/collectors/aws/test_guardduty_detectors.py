"""aws.guardduty_detectors"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.guardduty_detectors import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.monitoring import ThreatDetector
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]


def test_a_region_without_a_detector_says_so(read: Read) -> None:
    """There is one fact per region, and it rests on the empty answer."""
    (fact,) = read(COLLECTOR).facts(ThreatDetector)

    assert fact.enabled is False
    assert fact.resource.uid == "arn:aws:guardduty:us-east-1:123456789012:detector"
    assert [reference.kind for reference in fact.documents] == ["aws.guardduty.detectors"]


def test_each_region_has_its_own_detector(read: Read, client: Client) -> None:
    """On, suspended and absent are told apart from region to region."""
    client("guardduty", "us-east-1").create_detector(Enable=True)
    client("guardduty", "eu-west-1").create_detector(Enable=False)

    reading = read(COLLECTOR, "us-east-1", "eu-west-1", "ap-south-1")

    assert {fact.resource.region: fact.enabled for fact in reading.facts(ThreatDetector)} == {
        "us-east-1": True,
        "eu-west-1": False,
        "ap-south-1": False,
    }
    assert len(reading.fact(ThreatDetector, "us-east-1").documents) == 2


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_lost_listing_is_unread(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """Without the list there may be a detector or none."""
    client("guardduty").create_detector(Enable=True)
    getattr(faults, fault).add("guardduty:GET /detector")

    (fact,) = read(COLLECTOR).facts(ThreatDetector)

    assert isinstance(fact.enabled, Unread)
    assert (fact.enabled.operation, fact.enabled.permission) == (
        "guardduty:ListDetectors",
        "guardduty:ListDetectors",
    )


def test_a_detector_whose_state_is_denied_is_unread(read: Read, client: Client, faults: Faults) -> None:
    """A detector that exists may still be suspended."""
    detector = client("guardduty").create_detector(Enable=True)["DetectorId"]
    faults.deny.add(f"guardduty:GET /detector/{detector}")

    (fact,) = read(COLLECTOR).facts(ThreatDetector)

    assert fact.enabled == Unread(
        Reason.PERMISSION_DENIED, "guardduty:GetDetector", "guardduty:GetDetector", "AccessDenied"
    )


def test_one_detector_that_is_on_settles_it(read: Read, client: Client, faults: Faults) -> None:
    """What is lost beside it cannot turn it off."""
    guardduty = client("guardduty")
    guardduty.create_detector(Enable=True)
    other = guardduty.create_detector(Enable=True)["DetectorId"]
    faults.deny.add(f"guardduty:GET /detector/{other}")

    (fact,) = read(COLLECTOR).facts(ThreatDetector)

    assert fact.enabled is True
