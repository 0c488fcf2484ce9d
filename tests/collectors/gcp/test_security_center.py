"""gcp.security_center"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.documents import when
from collectors.facts.core import Reason, Unread
from collectors.facts.detection import BaselineCoverage, BaselineResult, SecurityFinding
from collectors.facts.monitoring import ThreatDetector
from collectors.gcp.security_center import COLLECTOR
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
DETECTORS = f"securitycentermanagement/v1/projects/{PROJECT}/locations/global/securityCenterServices"
FINDINGS = f"securitycenter/v2/projects/{PROJECT}/sources/-/locations/global/findings"


def detectors(estate: GcpEstate, **states: str) -> None:
    """The detectors that Google tells of."""
    items = [
        {"name": f"{DETECTORS}/{name.replace('_', '-')}", "effectiveEnablementState": state}
        for name, state in states.items()
    ]
    estate.answers[DETECTORS] = Listed("securityCenterServices", items)


def finding(estate: GcpEstate, name: str, **body: Any) -> None:
    """An open finding about a bucket."""
    made = {
        "name": f"projects/1/sources/2/findings/{name}",
        "state": "ACTIVE",
        "category": "PUBLIC_BUCKET_ACL",
        "severity": "HIGH",
        "findingClass": "MISCONFIGURATION",
        "resourceName": f"//storage.googleapis.com/{name}",
        "createTime": "2026-05-01T00:00:00Z",
        "eventTime": "2026-06-01T00:00:00Z",
        "sourceProperties": {"Explanation": "a quote of something"},
        **body,
    }
    estate.answers.setdefault(FINDINGS, Listed("listFindingsResults", [])).items.append({"finding": made})


def test_what_is_on_and_found_nothing(read: Read, estate: GcpEstate) -> None:
    """Both lists are complete."""
    detectors(estate, event_threat_detection="ENABLED", security_health_analytics="ENABLED", x="INGEST_ONLY")
    estate.answers[FINDINGS] = Listed("listFindingsResults", [])

    reading = read(COLLECTOR)

    assert [fact.enabled for fact in reading.facts(ThreatDetector)] == [True]
    assert reading.fact(BaselineCoverage, PROJECT).assigned == ("security-health-analytics",)
    assert [fact.failing for fact in reading.facts(BaselineResult)] == [0]
    assert reading.page.gaps == []


def test_what_is_off(read: Read, estate: GcpEstate) -> None:
    """Disabled, or not told of at all."""
    detectors(estate, event_threat_detection="DISABLED")
    estate.answers[FINDINGS] = Listed("listFindingsResults", [])

    reading = read(COLLECTOR)

    assert [fact.enabled for fact in reading.facts(ThreatDetector)] == [False]
    assert reading.fact(BaselineCoverage, PROJECT).assigned == ()
    assert reading.facts(BaselineResult) == []


def test_findings_are_told_without_what_they_quote(read: Read, estate: GcpEstate) -> None:
    """Two findings about one resource are one failing resource; a muted one is none."""
    detectors(estate, security_health_analytics="ENABLED")
    finding(estate, "a", resourceName="//storage.googleapis.com/b")
    finding(estate, "b", severity="CRITICAL")
    finding(estate, "c", mute="MUTED")
    finding(estate, "d", findingClass="THREAT", severity="LOW")

    reading = read(COLLECTOR)

    found = {fact.resource.name: fact for fact in reading.facts(SecurityFinding)}
    assert {name: (fact.severity, fact.muted) for name, fact in found.items()} == {
        "a": ("high", False),
        "b": ("critical", False),
        "c": ("high", True),
        "d": ("low", False),
    }
    assert (found["a"].what, found["a"].opened) == ("PUBLIC_BUCKET_ACL", when("2026-05-01T00:00:00Z"))
    assert [fact.failing for fact in reading.facts(BaselineResult)] == [1]
    assert not any("sourceProperties" in document.body for document in reading.page.documents)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_detectors_that_were_not_read_are_unread(read: Read, estate: GcpEstate, kind: str) -> None:
    """The findings are known all the same."""
    detectors(estate, event_threat_detection="ENABLED")
    finding(estate, "a")
    estate.faults.append(Fault("securityCenterServices", kind=kind))

    reading = read(COLLECTOR)

    (detector,) = reading.facts(ThreatDetector)
    assert isinstance(detector.enabled, Unread)
    assert detector.enabled.permission == "securitycentermanagement.securityCenterServices.list"
    assert isinstance(reading.fact(BaselineCoverage, PROJECT).assigned, Unread)
    assert [isinstance(fact.failing, Unread) for fact in reading.facts(BaselineResult)] == [True]
    assert len(reading.facts(SecurityFinding)) == 1


def test_findings_that_break_off_are_not_all(read: Read, estate: GcpEstate) -> None:
    """Their number is not known."""
    detectors(estate, security_health_analytics="ENABLED")
    for name in ("a", "b", "c"):
        finding(estate, name)
    estate.faults.append(Fault("findings.*pageToken"))

    reading = read(COLLECTOR)

    assert len(reading.facts(SecurityFinding)) == 2
    (result,) = reading.facts(BaselineResult)
    assert isinstance(result.failing, Unread)
    assert result.failing.reason is Reason.PARTIAL_LISTING
    assert estate.writes == []
