"""aws.cloudtrail_trails"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.cloudtrail_trails import (
    COLLECTOR,
    FUNCTION,
    S3_OBJECT,
    TRAIL,
    records_data,
    records_management,
)
from collectors.facts.core import Reason, Unread
from collectors.facts.monitoring import AuditCoverage, AuditTrail
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

ACCOUNT = "123456789012"


def make_trail(client: Client, name: str, region: str = "us-east-1", *, on: bool = True, **options: Any) -> None:
    """A trail that delivers to the bucket `trail-logs`."""
    client("s3").create_bucket(Bucket="trail-logs")
    trails = client("cloudtrail", region)
    trails.create_trail(Name=name, S3BucketName="trail-logs", **options)
    if on:
        trails.start_logging(Name=name)


def test_an_account_without_trails_is_not_covered(read: Read) -> None:
    """A complete listing without a trail is a clear no."""
    reading = read(COLLECTOR)

    (coverage,) = reading.facts(AuditCoverage)
    assert reading.facts(AuditTrail) == []
    assert (coverage.trails, coverage.covers_all_regions, coverage.covering) == (0, False, ())
    assert coverage.resource.region == "global"
    assert coverage.resource.uid == f"arn:aws:cloudtrail::{ACCOUNT}:coverage"


def test_settings_become_facts(read: Read, client: Client) -> None:
    """Each setting and state of a trail is read and shaped."""
    key, group = "arn:aws:kms:us-east-1:1:key/k", "arn:aws:logs:us-east-1:1:log-group:g:*"
    make_trail(
        client,
        "main",
        IsMultiRegionTrail=True,
        EnableLogFileValidation=True,
        KmsKeyId=key,
        CloudWatchLogsLogGroupArn=group,
        CloudWatchLogsRoleArn="arn:aws:iam::1:role/r",
    )
    trails = client("cloudtrail")
    objects = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}
    selector = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": [objects]}
    trails.put_event_selectors(TrailName="main", EventSelectors=[selector])

    reading = read(COLLECTOR)
    trail = reading.fact(AuditTrail, "main")

    assert trail.resource.region == "us-east-1"
    assert (trail.all_regions, trail.logging, trail.validated) == (True, True, True)
    assert (trail.customer_key, trail.searchable_in) == (key, group)
    assert trail.store == "arn:aws:s3:::trail-logs"
    assert trail.delivery_error is None
    assert isinstance(trail.last_delivery, datetime)
    assert trail.last_search_delivery is None
    assert (trail.management_reads, trail.management_writes) == (False, True)
    assert (trail.object_reads, trail.object_writes) == (False, True)
    assert len(trail.documents) == 3
    (coverage,) = reading.facts(AuditCoverage)
    assert (coverage.trails, coverage.covers_all_regions, coverage.covering) == (1, True, ("main",))


def test_a_trail_without_extras_says_so(read: Read, client: Client) -> None:
    """What AWS leaves out of a plain trail is none, not unread."""
    make_trail(client, "plain", on=False)

    trail = read(COLLECTOR).fact(AuditTrail, "plain")

    assert (trail.all_regions, trail.logging, trail.validated) == (False, False, False)
    assert (trail.customer_key, trail.searchable_in, trail.last_delivery) == (None, None, None)


@pytest.mark.parametrize(("options", "on"), [({}, True), ({"IsMultiRegionTrail": True}, False)])
def test_one_region_or_a_stopped_trail_covers_nothing(
    read: Read, client: Client, options: dict[str, Any], on: bool
) -> None:
    """Both conditions must hold for the same trail."""
    make_trail(client, "half", on=on, **options)

    (coverage,) = read(COLLECTOR).facts(AuditCoverage)

    assert (coverage.trails, coverage.covers_all_regions, coverage.covering) == (1, False, ())


def test_each_trail_is_read_once_whatever_the_regions(read: Read, client: Client, faults: Faults) -> None:
    """Shadows of a trail of every region do not make it several trails."""
    make_trail(client, "everywhere", "eu-west-1", IsMultiRegionTrail=True)
    make_trail(client, "local", "us-east-1")

    reading = read(COLLECTOR, "us-east-1", "eu-west-1", "ap-south-1")

    assert [(each.resource.name, each.resource.region) for each in reading.facts(AuditTrail)] == [
        ("everywhere", "eu-west-1"),
        ("local", "us-east-1"),
    ]
    assert len(reading.facts(AuditCoverage)) == 1
    assert faults.calls["cloudtrail:GetTrailStatus"] == 2


def test_a_trail_at_home_in_a_region_not_read_counts(read: Read, client: Client, faults: Faults) -> None:
    """The first region takes its shadow, and its details come from its home, once."""
    make_trail(client, "elsewhere", "ap-south-1", IsMultiRegionTrail=True)

    reading = read(COLLECTOR, "us-east-1", "eu-west-1")

    assert reading.fact(AuditTrail, "elsewhere").logging is True
    assert reading.fact(AuditTrail, "elsewhere").resource.region == "eu-west-1"
    assert {call.region for call in reading.page.calls if call.operation != "DescribeTrails"} == {"ap-south-1"}
    assert reading.facts(AuditCoverage)[0].covering == ("elsewhere",)
    assert faults.calls["cloudtrail:GetTrailStatus"] == 1


def test_a_denied_listing_leaves_coverage_open(read: Read, client: Client, faults: Faults) -> None:
    """Neither the trails nor what they achieve is known, and the reason is named."""
    make_trail(client, "main", IsMultiRegionTrail=True)
    faults.deny.add("cloudtrail:DescribeTrails")

    reading = read(COLLECTOR)

    denied = Unread(Reason.PERMISSION_DENIED, "cloudtrail:DescribeTrails", "cloudtrail:DescribeTrails", "AccessDenied")
    assert reading.documents.complete(TRAIL, "us-east-1") == denied
    (coverage,) = reading.facts(AuditCoverage)
    assert (coverage.trails, coverage.covers_all_regions, coverage.covering) == (denied, denied, denied)


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_lost_status_is_unread(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """Without the state of the only trail of every region, coverage is open; what else was read stays."""
    make_trail(client, "main", IsMultiRegionTrail=True)
    getattr(faults, fault).add("cloudtrail:GetTrailStatus")

    reading = read(COLLECTOR)
    trail = reading.fact(AuditTrail, "main")

    for value in (trail.logging, trail.delivery_error, trail.last_delivery, trail.last_search_delivery):
        assert isinstance(value, Unread)
    assert (trail.all_regions, trail.management_reads) == (True, False)
    (coverage,) = reading.facts(AuditCoverage)
    assert isinstance(coverage.covers_all_regions, Unread)
    assert coverage.trails == 1


def test_a_lost_status_of_a_local_trail_changes_nothing(read: Read, client: Client, faults: Faults) -> None:
    """A trail of one region does not cover all of them, on or off."""
    make_trail(client, "local")
    faults.deny.add("cloudtrail:GetTrailStatus")

    assert read(COLLECTOR).facts(AuditCoverage)[0].covers_all_regions is False


def test_denied_details_are_unread(read: Read, client: Client, faults: Faults) -> None:
    """Each lost answer costs exactly the fields that rest on it."""
    make_trail(client, "main")
    faults.deny.add("cloudtrail:GetEventSelectors")

    trail = read(COLLECTOR).fact(AuditTrail, "main")

    assert isinstance(trail.management_reads, Unread)
    assert isinstance(trail.object_writes, Unread)
    assert trail.logging is True


@pytest.mark.parametrize(
    ("change", "reads", "writes"),
    [
        ({}, True, True),
        ({"ReadWriteType": "ReadOnly"}, True, False),
        ({"ReadWriteType": "WriteOnly"}, False, True),
        ({"IncludeManagementEvents": False}, False, False),
        ({"ExcludeManagementEventSources": ["kms.amazonaws.com"]}, False, False),
        ({"ExcludeManagementEventSources": []}, True, True),
    ],
)
def test_classic_selectors_of_management_events(change: dict[str, Any], reads: bool, writes: bool) -> None:
    """A selector counts for the access that it takes, if it leaves out no service."""
    body = {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True, **change}]}

    assert records_management(body, "ReadOnly") is reads
    assert records_management(body, "WriteOnly") is writes


@pytest.mark.parametrize(
    ("fields", "reads", "writes"),
    [
        ([], True, True),
        ([{"Field": "readOnly", "Equals": ["true"]}], True, False),
        ([{"Field": "readOnly", "Equals": ["false"]}], False, True),
        ([{"Field": "readOnly", "NotEquals": ["true"]}], False, False),
        ([{"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}], False, False),
    ],
)
def test_advanced_selectors_of_management_events(fields: list[dict[str, Any]], reads: bool, writes: bool) -> None:
    """Every field but the access narrows the selection."""
    category = {"Field": "eventCategory", "Equals": ["Management"]}
    body = {"AdvancedEventSelectors": [{"FieldSelectors": [category, *fields]}]}

    assert records_management(body, "ReadOnly") is reads
    assert records_management(body, "WriteOnly") is writes
    assert records_data(body, S3_OBJECT, "ReadOnly") is False


@pytest.mark.parametrize(
    ("values", "type_", "every"),
    [
        (["arn:aws:s3"], "AWS::S3::Object", True),
        (["arn:aws:s3:::"], "AWS::S3::Object", True),
        (["arn:aws-us-gov:s3:::"], "AWS::S3::Object", True),
        (["arn:aws:s3:::one-bucket/", "arn:aws:s3"], "AWS::S3::Object", True),
        (["arn:aws:s3:::one-bucket/"], "AWS::S3::Object", False),
        (["arn:aws:lambda"], "AWS::Lambda::Function", False),
        ([], "AWS::S3::Object", False),
    ],
)
def test_classic_selectors_of_objects(values: list[str], type_: str, every: bool) -> None:
    """Only a selector of every bucket counts, because a new bucket must be in it too."""
    resource = {"Type": type_, "Values": values}
    selector = {"ReadWriteType": "ReadOnly", "IncludeManagementEvents": False, "DataResources": [resource]}

    assert records_data({"EventSelectors": [selector]}, S3_OBJECT, "ReadOnly") is every
    assert records_data({"EventSelectors": [selector]}, S3_OBJECT, "WriteOnly") is False


@pytest.mark.parametrize(
    ("fields", "every"),
    [
        ([], True),
        ([{"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::"]}], True),
        ([{"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::one-bucket/"]}], False),
        ([{"Field": "resources.ARN", "NotStartsWith": ["arn:aws:s3:::"]}], False),
        ([{"Field": "eventName", "Equals": ["GetObject"]}], False),
    ],
)
def test_advanced_selectors_of_objects(fields: list[dict[str, Any]], every: bool) -> None:
    """A selector with any narrowing field leaves something out."""
    about = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
    ]
    body = {"AdvancedEventSelectors": [{"FieldSelectors": [*about, *fields]}]}

    assert records_data(body, S3_OBJECT, "WriteOnly") is every
    assert records_data({"AdvancedEventSelectors": [{"FieldSelectors": about[:1]}]}, S3_OBJECT, "WriteOnly") is False
    assert records_management(body, "WriteOnly") is False


def test_an_answer_without_any_selectors_is_malformed() -> None:
    """Nothing at all is not the same as an empty list."""
    with pytest.raises(KeyError):
        records_management({"TrailARN": "arn:aws:cloudtrail:us-east-1:1:trail/t"}, "ReadOnly")


@pytest.mark.parametrize(
    ("selector", "every"),
    [
        ({"Values": ["arn:aws:lambda"]}, True),
        ({"Values": ["arn:aws-cn:lambda"]}, True),
        ({"Values": ["arn:aws:lambda:us-east-1:123456789012:function:one"]}, False),
        ({"Values": ["arn:aws:s3"]}, False),
        ({"Values": []}, False),
    ],
)
def test_classic_selectors_of_functions(selector: dict[str, Any], every: bool) -> None:
    """Only a selector of every function counts, because a new one must be in it too."""
    found = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [{"Type": FUNCTION, **selector}]}

    assert records_data({"EventSelectors": [found]}, FUNCTION, "WriteOnly") is every
    assert records_data({"EventSelectors": [found]}, S3_OBJECT, "WriteOnly") is False


@pytest.mark.parametrize(
    ("fields", "every"),
    [
        ([], True),
        ([{"Field": "resources.ARN", "StartsWith": ["arn:aws:lambda"]}], True),
        ([{"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::"]}], False),
        ([{"Field": "resources.ARN", "Equals": ["arn:aws:lambda:us-east-1:123456789012:function:one"]}], False),
        ([{"Field": "readOnly", "Equals": ["true"]}], False),
    ],
)
def test_advanced_selectors_of_functions(fields: list[dict[str, Any]], every: bool) -> None:
    """A selector with any narrowing field leaves something out, and a call counts as a write."""
    about = [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": [FUNCTION]}]

    assert (
        records_data({"AdvancedEventSelectors": [{"FieldSelectors": [*about, *fields]}]}, FUNCTION, "WriteOnly")
        is every
    )


def select_functions(client: Client, name: str) -> None:
    """A trail also records calls of every function."""
    resource = {"Type": FUNCTION, "Values": ["arn:aws:lambda"]}
    selector = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [resource]}
    client("cloudtrail").put_event_selectors(TrailName=name, EventSelectors=[selector])


@pytest.mark.parametrize(
    ("everywhere", "on", "covered"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_calls_of_functions_are_covered_by_a_trail_of_every_region(
    read: Read, client: Client, everywhere: bool, on: bool, covered: bool
) -> None:
    """One that is off, or of one region, covers nothing."""
    make_trail(client, "main", on=on, IsMultiRegionTrail=everywhere)
    select_functions(client, "main")

    reading = read(COLLECTOR)
    (coverage,) = reading.facts(AuditCoverage)

    assert reading.fact(AuditTrail, "main").function_calls is True
    assert coverage.function_calls is covered


@pytest.mark.parametrize("operation", ["GetEventSelectors", "GetTrailStatus", "DescribeTrails"])
def test_what_is_lost_might_have_covered_calls_of_functions(
    read: Read, client: Client, faults: Faults, operation: str
) -> None:
    """Selectors, state and listing alike; what the selectors leave out for certain is not covered by any state."""
    make_trail(client, "main", IsMultiRegionTrail=True)
    select_functions(client, "main")
    faults.deny.add(f"cloudtrail:{operation}")

    (coverage,) = read(COLLECTOR).facts(AuditCoverage)

    assert isinstance(coverage.function_calls, Unread)
    assert coverage.function_calls.permission == f"cloudtrail:{operation}"
