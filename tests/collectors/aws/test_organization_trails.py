"""aws.cloudtrail_trails: the trail of an organization, as one of its member accounts sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from agent.demo.loopback import Faults
from agent.judge import Reading as Whole
from agent.judge import judge, shape
from checks.api import Finding, Outcome
from checks.registry import all_checks
from collectors.aws import cloudtrail_trails, s3_buckets
from collectors.facts.core import Unread
from collectors.facts.monitoring import AuditCoverage, AuditTrail
from collectors.provenance import Page
from collectors.testing import Reading

Read = Callable[..., Reading]

TRAIL = "arn:aws:cloudtrail:us-east-1:999999999999:trail/organization"
"""It lives in the account that manages the organization."""
SHADOW = {
    "Name": "organization",
    "TrailARN": TRAIL,
    "S3BucketName": "organization-logs",
    "HomeRegion": "us-east-1",
    "IsMultiRegionTrail": True,
    "IsOrganizationTrail": True,
    "IncludeGlobalServiceEvents": True,
    "LogFileValidationEnabled": True,
}
SELECTORS = {"TrailARN": TRAIL, "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]}
RESTING_ON_DETAILS = ("all_regions", "management_events", "trail_delivers", "log_validation")
DETAILS = {"cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors"}


@pytest.fixture
def member(read: Read, faults: Faults) -> Callable[[], Reading]:
    """Read the trails of an account that has none of its own."""
    faults.answers.update(
        {
            "cloudtrail:DescribeTrails": {"trailList": [SHADOW]},
            "cloudtrail:GetTrailStatus": {"IsLogging": True, "LatestDeliveryTime": datetime.now(UTC).timestamp()},
            "cloudtrail:GetEventSelectors": SELECTORS,
        }
    )
    return lambda: read(cloudtrail_trails.COLLECTOR)


def findings(read: Read, trails: Reading) -> dict[str, Finding]:
    """What the checks of audit trails say, by check."""
    stores = read(s3_buckets.COLLECTOR)
    page = Page()
    page.absorb(trails.page)
    page.absorb(stores.page)
    shaped = shape(Whole(trails.identity, ("us-east-1",), page), [cloudtrail_trails.COLLECTOR, s3_buckets.COLLECTOR])
    about = {AuditTrail, AuditCoverage}
    asked = [check for check in all_checks().values() if check.population[0] in about]
    found = {}
    for judged in judge(shaped, asked, {}, datetime.now(UTC), {}):
        for finding in judged.findings.values():
            found[judged.check.id] = finding
    return found


def test_the_trail_of_the_organization_satisfies_its_members(
    read: Read, member: Callable[[], Reading], faults: Faults
) -> None:
    """A member without a trail of its own passes, and its verdict names the trail that covers it."""
    reading = member()
    found = findings(read, reading)

    assert reading.fact(AuditTrail, "organization").resource.uid == TRAIL
    assert found["audit_trail.all_regions"].outcome is Outcome.PASS
    assert found["audit_trail.all_regions"].reason == "audit trail organization is on and records every region"
    assert found["audit_trail.management_events"].outcome is Outcome.PASS
    assert found["audit_trail.log_validation"].outcome is Outcome.PASS
    assert faults.calls["cloudtrail:GetTrailStatus"] == 1


@pytest.mark.parametrize("denied", [{"cloudtrail:GetTrailStatus"}, {"cloudtrail:GetEventSelectors"}, DETAILS])
def test_what_only_the_managing_account_may_read_never_fails_a_member(
    read: Read, member: Callable[[], Reading], faults: Faults, denied: set[str]
) -> None:
    """Details that AWS keeps from members leave verdicts open, and the gap says which read is missing."""
    faults.deny |= denied

    reading = member()
    (coverage,) = reading.facts(AuditCoverage)
    found = findings(read, reading)

    lost = "cloudtrail:GetTrailStatus" in denied
    assert isinstance(coverage.covers_all_regions, Unread) is lost
    assert found["audit_trail.all_regions"].outcome is (Outcome.UNKNOWN if lost else Outcome.PASS)
    assert found["audit_trail.management_events"].outcome is Outcome.UNKNOWN
    assert Outcome.FAIL not in {found[f"audit_trail.{name}"].outcome for name in RESTING_ON_DETAILS}
    assert {gap.operation for gap in reading.page.gaps} == denied


def test_files_in_a_bucket_of_another_account_fail_nobody(read: Read, member: Callable[[], Reading]) -> None:
    """The bucket of the logs is judged where it is, and the member says that it did not see it."""
    found = findings(read, member())

    for check in ("trail_store_not_public", "trail_store_kept", "trail_store_access_logged"):
        finding = found[f"audit_trail.{check}"]
        assert finding.outcome is Outcome.UNKNOWN, finding.reason
        assert "organization-logs is not in this account" in finding.reason
