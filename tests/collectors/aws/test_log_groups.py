"""aws.log_groups"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.log_groups import COLLECTOR, GROUP, group_uid
from collectors.facts.core import Reason, Unread
from collectors.facts.monitoring import LogStore
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

KEY = "arn:aws:kms:us-east-1:123456789012:key/k"


def put_filter(client: Client, group: str, name: str, pattern: str, region: str = "us-east-1") -> None:
    """A metric filter that counts lines."""
    metric = {"metricName": name, "metricNamespace": "n", "metricValue": "1"}
    client("logs", region).put_metric_filter(
        logGroupName=group, filterName=name, filterPattern=pattern, metricTransformations=[metric]
    )


def test_an_account_without_log_groups_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(LogStore) == []
    assert reading.documents.complete(GROUP, "us-east-1") is None


def test_settings_become_facts(read: Read, client: Client) -> None:
    """Retention, key and the filters of the group itself are read and shaped."""
    logs = client("logs")
    logs.create_log_group(logGroupName="kept", kmsKeyId=KEY)
    logs.put_retention_policy(logGroupName="kept", retentionInDays=400)
    logs.create_log_group(logGroupName="plain")
    put_filter(client, "kept", "two", "{ $.b = 1 }")
    put_filter(client, "kept", "one", "{ $.a = 1 }")

    reading = read(COLLECTOR)
    kept, plain = reading.facts(LogStore)

    assert kept.resource.uid == "arn:aws:logs:us-east-1:123456789012:log-group:kept"
    assert (kept.retention_days, kept.customer_key) == (400, KEY)
    assert kept.metric_filters == ("{ $.a = 1 }", "{ $.b = 1 }")
    assert len(kept.documents) == 3
    assert (plain.retention_days, plain.customer_key, plain.metric_filters) == (None, None, ())


def test_groups_of_one_name_in_two_regions_keep_their_filters(read: Read, client: Client) -> None:
    """A filter belongs to the group of its own region."""
    for region in ("us-east-1", "eu-west-1"):
        client("logs", region).create_log_group(logGroupName="app")
    put_filter(client, "app", "one", "ERROR", "eu-west-1")

    stores = read(COLLECTOR, "us-east-1", "eu-west-1").facts(LogStore)

    assert {store.resource.region: store.metric_filters for store in stores} == {
        "us-east-1": (),
        "eu-west-1": ("ERROR",),
    }


def test_every_page_is_read_with_few_calls(read: Read, client: Client) -> None:
    """The fifty-first group is on the second page, and no group costs a call of its own."""
    logs = client("logs")
    for number in range(51):
        logs.create_log_group(logGroupName=f"app-{number:02}")

    reading = read(COLLECTOR)

    assert len(reading.facts(LogStore)) == 51
    assert sorted((call.operation, call.pages) for call in reading.page.calls) == [
        ("DescribeLogGroups", 2),
        ("DescribeMetricFilters", 1),
    ]


def test_a_listing_that_is_cut_off_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """The first page is kept, and it is said that there is more."""
    logs = client("logs")
    for number in range(51):
        logs.create_log_group(logGroupName=f"app-{number:02}")
    faults.deny.add("logs:DescribeLogGroups")
    faults.after = 1

    reading = read(COLLECTOR)
    unread = reading.documents.complete(GROUP, "us-east-1")

    assert len(reading.facts(LogStore)) == 50
    assert unread is not None
    assert (unread.reason, unread.permission) == (Reason.PARTIAL_LISTING, "logs:DescribeLogGroups")


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_lost_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """No group is known, and that is said."""
    client("logs").create_log_group(logGroupName="app")
    getattr(faults, fault).add("logs:DescribeLogGroups")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(GROUP, "us-east-1")

    assert reading.facts(LogStore) == []
    assert unread is not None
    assert unread.operation == "logs:DescribeLogGroups"


def test_lost_filters_are_unread_and_the_rest_is_not(read: Read, client: Client, faults: Faults) -> None:
    """Whether a group has filters is open without their listing."""
    client("logs").create_log_group(logGroupName="app")
    faults.deny.add("logs:DescribeMetricFilters")

    store = read(COLLECTOR).fact(LogStore, "app")

    assert store.metric_filters == Unread(
        Reason.PERMISSION_DENIED, "logs:DescribeMetricFilters", "logs:DescribeMetricFilters", "AccessDenied"
    )
    assert store.retention_days is None


def test_the_uid_is_the_group_without_its_streams() -> None:
    """Both forms of the ARN name the same group."""
    arn = "arn:aws:logs:us-east-1:123456789012:log-group:app"

    assert group_uid(f"{arn}:*") == group_uid(arn) == arn
