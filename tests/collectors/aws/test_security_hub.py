"""aws.security_hub and aws.guardduty_findings"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws import guardduty_findings
from collectors.aws.security_hub import COLLECTOR, FINDING, STANDARD
from collectors.facts.core import Unread
from collectors.facts.detection import BaselineCoverage, BaselineResult, SecurityFinding
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

STANDARDS, PACKS = "securityhub:POST /standards/get", "config:DescribeConformancePacks"
FINDINGS, BROKEN = "securityhub:POST /findings", "config:GetConformancePackComplianceDetails"
CIS = "cis-aws-foundations-benchmark/v/3.0.0"
NOON = "2026-03-14T12:00:00.000Z"


def standard(region: str = "us-east-1", status: str = "READY") -> dict[str, Any]:
    """One subscription to the CIS benchmark."""
    uid = f"arn:aws:securityhub:{region}:123456789012:subscription/{CIS}"
    return {"StandardsSubscriptionArn": uid, "StandardsStatus": status, "StandardsInput": {}, "StandardsArn": CIS}


def finding(name: str, **more: Any) -> dict[str, Any]:
    """An open finding of the CIS benchmark, of high severity."""
    return {
        "Id": f"arn:aws:securityhub:us-east-1:123456789012:finding/{name}",
        "ProductName": "Security Hub",
        "Title": "Bucket is public",
        "CreatedAt": NOON,
        "Severity": {"Label": "HIGH"},
        "Workflow": {"Status": "NEW"},
        "Compliance": {"Status": "FAILED", "AssociatedStandards": [{"StandardsId": f"standards/{CIS}"}]},
        "Resources": [{"Id": "arn:aws:s3:::one"}],
        **more,
    }


def test_an_account_without_any_set_says_so(read: Read) -> None:
    """One fact, and no result of nothing."""
    reading = read(COLLECTOR)

    (coverage,) = reading.facts(BaselineCoverage)
    assert coverage.assigned == ()
    assert reading.facts(BaselineResult) == []
    assert reading.documents.complete(STANDARD, "us-east-1") is None


def test_a_set_counts_where_it_is_in_force_everywhere(read: Read, faults: Faults) -> None:
    """The answer names the subscription of one region; the other region has none of its own."""
    faults.answers[STANDARDS] = {"StandardsSubscriptions": [standard()]}

    (one,) = read(COLLECTOR, "us-east-1").facts(BaselineCoverage)
    (two,) = read(COLLECTOR, "us-east-1", "eu-west-1").facts(BaselineCoverage)

    assert one.assigned == (CIS,)
    assert two.assigned == ()


def test_a_set_that_is_not_judged_is_not_in_force(read: Read, faults: Faults) -> None:
    """It failed, or is still being set up; a pack for one tag is no set for the account."""
    faults.answers[STANDARDS] = {"StandardsSubscriptions": [standard(status="FAILED")]}
    tagged = {"ConformancePackArn": "arn:pack/tagged", "ConformancePackName": "tagged", "Scope": {"TagKey": "team"}}
    whole = {"ConformancePackArn": "arn:pack/whole", "ConformancePackName": "whole"}
    faults.answers[PACKS] = {"ConformancePackDetails": [tagged, whole]}
    faults.answers[BROKEN] = {"ConformancePackName": "whole", "ConformancePackRuleEvaluationResults": []}

    (coverage,) = read(COLLECTOR).facts(BaselineCoverage)

    assert coverage.assigned == ("whole",)


def test_resources_that_break_a_set_are_counted_once(read: Read, faults: Faults) -> None:
    """Muted findings do not count; one that names no standard counts for each."""
    faults.answers[STANDARDS] = {"StandardsSubscriptions": [standard()]}
    faults.answers[FINDINGS] = {
        "Findings": [
            finding("a"),
            finding("b"),
            finding("muted", Workflow={"Status": "SUPPRESSED"}, Resources=[{"Id": "arn:muted"}]),
            finding("any", Compliance={"Status": "FAILED"}, Resources=[{"Id": "arn:any"}]),
            finding("other", Compliance={"Status": "WARNING"}, Resources=[{"Id": "arn:other"}]),
        ]
    }
    pack = {"ConformancePackArn": "arn:pack/own", "ConformancePackName": "own"}
    faults.answers[PACKS] = {"ConformancePackDetails": [pack]}
    marks = [{"ResourceType": "AWS::S3::Bucket", "ResourceId": each} for each in ("one", "one", "two")]
    faults.answers[BROKEN] = {
        "ConformancePackName": "own",
        "ConformancePackRuleEvaluationResults": [
            {"ComplianceType": "NON_COMPLIANT", "EvaluationResultIdentifier": {"EvaluationResultQualifier": mark}}
            for mark in marks
        ],
    }

    reading = read(COLLECTOR)

    assert reading.fact(BaselineResult, CIS).failing == 2
    assert reading.fact(BaselineResult, "own").failing == 2


def test_open_findings_become_facts(read: Read, faults: Faults) -> None:
    """With severity and date; what GuardDuty handed on is read at GuardDuty."""
    faults.answers[FINDINGS] = {
        "Findings": [
            finding("one"),
            finding("muted", Severity={"Label": "INFORMATIONAL"}, Workflow={"Status": "SUPPRESSED"}),
            finding("handed", ProductName="GuardDuty"),
        ]
    }

    muted, one = read(COLLECTOR).facts(SecurityFinding)

    assert (one.severity, one.what, one.muted) == ("high", "Bucket is public", False)
    assert one.opened == datetime(2026, 3, 14, 12, tzinfo=UTC)
    assert (muted.severity, muted.muted) == ("low", True)


@pytest.mark.parametrize(
    ("said", "day"),
    [({"FirstObservedAt": "2026-03-10T12:00:00Z"}, 10), ({"FirstObservedAt": "2026-03-20T12:00:00Z"}, 14)],
)
def test_a_finding_is_as_old_as_its_first_sight(read: Read, faults: Faults, said: dict[str, str], day: int) -> None:
    """Which was at the latest when it was made."""
    faults.answers[FINDINGS] = {"Findings": [finding("one", **said)]}

    (fact,) = read(COLLECTOR).facts(SecurityFinding)

    assert fact.opened == datetime(2026, 3, day, 12, tzinfo=UTC)


@pytest.mark.parametrize(("fix", "kept"), [("YES", 0), ("PARTIAL", 0), ("NO", 1)])
def test_flaws_that_a_new_version_closes_are_read_at_inspector(read: Read, faults: Faults, fix: str, kept: int) -> None:
    """They have times of their own; the others would be nobody's."""
    flaw = finding("one", ProductName="Inspector", Vulnerabilities=[{"Id": "CVE-1", "FixAvailable": fix}])
    faults.answers[FINDINGS] = {"Findings": [flaw]}

    assert len(read(COLLECTOR).facts(SecurityFinding)) == kept


def test_a_finding_without_its_label_is_unread(read: Read, faults: Faults) -> None:
    """A severity that AWS left out is neither low nor high."""
    faults.answers[FINDINGS] = {"Findings": [finding("one", Severity={})]}

    (fact,) = read(COLLECTOR).facts(SecurityFinding)

    assert isinstance(fact.severity, Unread)


@pytest.mark.parametrize(
    ("operation", "permission"),
    [(STANDARDS, "securityhub:GetEnabledStandards"), (PACKS, "config:DescribeConformancePacks")],
)
def test_a_lost_list_of_sets_is_no_empty_list(read: Read, faults: Faults, operation: str, permission: str) -> None:
    """Some set may be in force that was not seen."""
    faults.deny.add(operation)

    (coverage,) = read(COLLECTOR).facts(BaselineCoverage)

    assert isinstance(coverage.assigned, Unread)
    assert coverage.assigned.permission == permission


def test_lost_findings_leave_results_unread(read: Read, faults: Faults) -> None:
    """Nobody knows what breaks the standard, nor which findings are open."""
    faults.answers[STANDARDS] = {"StandardsSubscriptions": [standard()]}
    faults.deny.add(FINDINGS)

    reading = read(COLLECTOR)

    failing = reading.fact(BaselineResult, CIS).failing
    assert isinstance(failing, Unread)
    assert failing.permission == "securityhub:GetFindings"
    assert reading.documents.complete(FINDING, "us-east-1") is not None


def threat(number: float) -> dict[str, Any]:
    """What GuardDuty found, of some severity, in the form that it is sent in."""
    return {
        "arn": f"arn:aws:guardduty:us-east-1:123456789012:detector/d/finding/{number}",
        "type": "Recon:EC2/PortProbeUnprotectedPort",
        "createdAt": NOON,
        "severity": number,
        "service": {"archived": False},
    }


def test_threats_have_severities_in_words(read: Read, client: Client, faults: Faults) -> None:
    """By the bands that GuardDuty documents."""
    client("guardduty").create_detector(Enable=True)
    faults.answers["guardduty:POST /detector/*/findings"] = {"findingIds": ["some"]}
    found = [threat(number) for number in (1.0, 3.9, 4.0, 6.9, 7.0, 8.9, 9.0)]
    faults.answers["guardduty:POST /detector/*/findings/get"] = {"findings": found}

    facts = read(guardduty_findings.COLLECTOR).facts(SecurityFinding)

    assert [fact.severity for fact in facts] == ["low", "low", "medium", "medium", "high", "high", "critical"]
    assert {fact.muted for fact in facts} == {False}


@pytest.mark.parametrize("path", ["/detector", "/detector/{}/findings"])
def test_lost_threats_leave_the_population_unknown(read: Read, client: Client, faults: Faults, path: str) -> None:
    """Whichever list was lost; without a fault it is complete."""
    detector = client("guardduty").create_detector(Enable=True)["DetectorId"]
    faults.answers["guardduty:POST /detector/*/findings"] = {"findingIds": []}

    assert read(guardduty_findings.COLLECTOR).documents.complete(guardduty_findings.FINDING, "us-east-1") is None
    verb = "POST" if "findings" in path else "GET"
    faults.deny.add(f"guardduty:{verb} {path.format(detector)}")

    unlisted = read(guardduty_findings.COLLECTOR).documents.complete(guardduty_findings.FINDING, "us-east-1")
    assert unlisted is not None
