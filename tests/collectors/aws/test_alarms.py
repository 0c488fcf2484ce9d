"""aws.alarms: alarms of CloudWatch and rules of EventBridge"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.alarms import ALARM, COLLECTOR, FILTER, watches
from collectors.aws.event_rules import RULE
from collectors.facts.availability import MetricAlarm
from collectors.facts.core import Reason, Unread
from collectors.facts.detection import ChangeAlert
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:trail:*"
PATTERN = "{ ($.eventName = StopLogging) || ($.eventName = DeleteTrail) }"


def topic(client: Client, *, heard: bool, region: str = "us-east-1") -> str:
    """A topic with a queue that hears it, or with nobody."""
    name: str = client("sns", region).create_topic(Name="alerts")["TopicArn"]
    if heard:
        client("sns", region).subscribe(TopicArn=name, Protocol="sqs", Endpoint=f"arn:aws:sqs:{region}:123456789012:q")
    return name


def alarm(client: Client, name: str, actions: list[str], **more: Any) -> None:
    """An alarm that goes off at one event."""
    said = {
        "Namespace": "Trail",
        "MetricName": "changes",
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "AlarmActions": actions,
        **more,
    }
    client("cloudwatch").put_metric_alarm(AlarmName=name, **said)


def trail(client: Client, *, everywhere: bool = True, on: bool = True) -> None:
    """A trail that writes to the log group, and a filter on it that counts changes."""
    client("s3").create_bucket(Bucket="trail")
    client("logs").create_log_group(logGroupName="trail")
    client("cloudtrail").create_trail(
        Name="trail",
        S3BucketName="trail",
        IsMultiRegionTrail=everywhere,
        CloudWatchLogsLogGroupArn=GROUP,
        CloudWatchLogsRoleArn="arn:aws:iam::123456789012:role/trail",
    )
    every = [{"ReadWriteType": "All", "IncludeManagementEvents": True}]
    client("cloudtrail").put_event_selectors(TrailName="trail", EventSelectors=every)
    if on:
        client("cloudtrail").start_logging(Name="trail")
    client("logs").put_metric_filter(
        logGroupName="trail",
        filterName="changes",
        filterPattern=PATTERN,
        metricTransformations=[{"metricName": "changes", "metricNamespace": "Trail", "metricValue": "1"}],
    )


def rule(client: Client, target: str, pattern: dict[str, Any], region: str = "us-east-1") -> None:
    """A rule that is on."""
    events = client("events", region)
    events.put_rule(Name="rule", EventPattern=json.dumps(pattern), State="ENABLED")
    events.put_targets(Rule="rule", Targets=[{"Id": "1", "Arn": target}])


THREATS = {"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}


def test_nothing_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    documents = read(COLLECTOR).documents

    assert list(COLLECTOR.shape(documents)) == []
    assert [documents.complete(kind, "us-east-1") for kind in (ALARM, FILTER, RULE)] == [None, None, None]


def test_a_filter_on_the_trail_makes_an_alarm_one_of_changes(read: Read, client: Client) -> None:
    """With what its pattern takes, for the whole account, and its receivers."""
    trail(client)
    alarm(client, "changes", [topic(client, heard=True)])

    reading = read(COLLECTOR)
    (fact,) = reading.facts(ChangeAlert)

    assert fact.events == ("*:deletetrail", "*:stoplogging")
    assert (fact.enabled, fact.whole_account, fact.receivers) == (True, True, 1)
    assert {reference.kind for reference in fact.documents} >= {"aws.logs.alarm_filter", "aws.sns.subscription"}
    assert reading.facts(MetricAlarm) == []


@pytest.mark.parametrize(("everywhere", "on"), [(False, True), (True, False)])
def test_a_trail_that_leaves_something_out_is_not_the_whole(
    read: Read, client: Client, everywhere: bool, on: bool
) -> None:
    """One region only, or switched off."""
    trail(client, everywhere=everywhere, on=on)
    alarm(client, "changes", [topic(client, heard=True)])

    assert read(COLLECTOR).fact(ChangeAlert, "changes").whole_account is False


@pytest.mark.parametrize(
    "more",
    [
        {"Threshold": 5.0},
        {"Statistic": "Average"},
        {"EvaluationPeriods": 3},
        {"ComparisonOperator": "LessThanThreshold"},
    ],
)
def test_an_alarm_that_waits_for_more_takes_no_single_change(read: Read, client: Client, more: dict[str, Any]) -> None:
    """A change is told of at once, or it may go unseen."""
    trail(client)
    alarm(client, "changes", [topic(client, heard=True)], **more)

    assert read(COLLECTOR).fact(ChangeAlert, "changes").events == ()


def test_other_alarms_watch_measures(read: Read, client: Client) -> None:
    """Named as the provider does; one whose actions are off tells nobody, and scaling is no receiver."""
    heard = topic(client, heard=True)
    cpu = {"Namespace": "AWS/RDS", "MetricName": "CPUUtilization"}
    alarm(client, "on", [heard], **cpu)
    alarm(client, "off", [heard], ActionsEnabled=False, **cpu)
    alarm(client, "scales", ["arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:x"], **cpu)

    found = {fact.resource.name: (fact.enabled, fact.receivers) for fact in read(COLLECTOR).facts(MetricAlarm)}

    assert found == {"on": (True, 1), "off": (False, 0), "scales": (True, 0)}
    assert read(COLLECTOR).fact(MetricAlarm, "on").measures == ("aws/rds/cpuutilization",)


def test_a_composite_alarm_tells_of_its_parts(read: Read, client: Client, faults: Faults) -> None:
    """Unless it asks for more than one of them, or is switched off itself."""
    heard = topic(client, heard=True)
    for name in ("a", "b", "c"):
        alarm(client, name, [])
    alarms = [
        {key: value for key, value in each.items() if isinstance(value, (str, int, float, list))}
        for each in client("cloudwatch").describe_alarms()["MetricAlarms"]
    ]
    rules = {
        "any": ('ALARM("a") OR ALARM(b)', True),
        "both": ("ALARM(b) AND ALARM(c)", True),
        "off": ("ALARM(c)", False),
    }
    above = [
        {"AlarmName": name, "AlarmArn": f"arn:{name}", "AlarmRule": rule, "ActionsEnabled": on, "AlarmActions": [heard]}
        for name, (rule, on) in rules.items()
    ]
    faults.answers["monitoring:DescribeAlarms"] = {"MetricAlarms": alarms, "CompositeAlarms": above}

    found = {fact.resource.name: fact.receivers for fact in read(COLLECTOR).facts(MetricAlarm)}

    assert found == {"a": 1, "b": 1, "c": 0}


def test_a_topic_that_cannot_be_seen_is_unread(read: Read, client: Client) -> None:
    """In another account, or in a region that is not read."""
    alarm(client, "abroad", ["arn:aws:sns:us-east-1:999999999999:alerts"])
    alarm(client, "far", ["arn:aws:sns:eu-west-1:123456789012:alerts"])

    reading = read(COLLECTOR)
    reasons = {fact.resource.name: getattr(fact.receivers, "reason", None) for fact in reading.facts(MetricAlarm)}

    assert reasons == {"abroad": Reason.ACCOUNT_NOT_ONBOARDED, "far": Reason.REGION_NOT_SCANNED}


def test_a_rule_takes_what_its_pattern_says(read: Read, client: Client) -> None:
    """And tells whoever hears its targets; a schedule watches nothing."""
    rule(client, topic(client, heard=True), THREATS)
    client("events").put_rule(Name="clock", ScheduleExpression="rate(1 hour)")

    (fact,) = read(COLLECTOR).facts(ChangeAlert)

    assert fact.events == ("finding:critical", "finding:high", "finding:low", "finding:medium")
    assert (fact.enabled, fact.whole_account, fact.receivers) == (True, True, 1)


def test_a_rule_of_one_region_is_not_the_whole_account(read: Read, client: Client) -> None:
    """Unless each region has such a rule, which tells somebody or hands it on."""
    rule(client, topic(client, heard=True), THREATS)

    def whole() -> set[Any]:
        facts = read(COLLECTOR, "us-east-1", "eu-west-1").facts(ChangeAlert)
        return {fact.whole_account for fact in facts if fact.resource.region == "us-east-1"}

    assert whole() == {False}
    rule(client, "arn:aws:events:us-east-1:123456789012:event-bus/default", THREATS, "eu-west-1")
    assert whole() == {True}


@pytest.mark.parametrize(
    ("operation", "field", "permission"),
    [
        ("sns:ListSubscriptions", "receivers", "sns:ListSubscriptions"),
        ("cloudtrail:DescribeTrails", "whole_account", "cloudtrail:DescribeTrails"),
        ("cloudtrail:GetTrailStatus", "whole_account", "cloudtrail:GetTrailStatus"),
        ("cloudtrail:GetEventSelectors", "whole_account", "cloudtrail:GetEventSelectors"),
    ],
)
def test_a_denied_detail_is_unread(
    read: Read, client: Client, faults: Faults, operation: str, field: str, permission: str
) -> None:
    """Exactly that field, and the permission is named."""
    trail(client)
    alarm(client, "changes", [topic(client, heard=True)])
    faults.deny.add(operation)

    fact = read(COLLECTOR).fact(ChangeAlert, "changes")
    unread = {name: value.permission for name in fact.__slots__ if isinstance(value := getattr(fact, name), Unread)}

    assert unread == {field: permission}


def test_unread_targets_are_not_a_rule_that_tells_nobody(read: Read, client: Client, faults: Faults) -> None:
    """The permission is named."""
    rule(client, topic(client, heard=True), THREATS)
    faults.deny.add("events:ListTargetsByRule")

    (fact,) = read(COLLECTOR).facts(ChangeAlert)

    assert isinstance(fact.receivers, Unread)
    assert fact.receivers.permission == "events:ListTargetsByRule"


@pytest.mark.parametrize(
    ("operation", "kind"),
    [("monitoring:DescribeAlarms", ALARM), ("logs:DescribeMetricFilters", FILTER), ("events:ListRules", RULE)],
)
def test_a_lost_listing_leaves_the_population_unknown(
    read: Read, client: Client, faults: Faults, operation: str, kind: Any
) -> None:
    """Whichever of the three was lost, some alert may not have been seen."""
    faults.deny.add(operation)

    documents = read(COLLECTOR).documents

    assert documents.complete(kind, "us-east-1") is not None
    details = [documents.unread_detail(each, "us-east-1") for each in COLLECTOR.bounded_by[ChangeAlert]]
    assert documents.complete(FILTER, "us-east-1") is not None or any(details)


def test_a_pattern_that_is_not_understood_is_unread(read: Read, client: Client) -> None:
    """It may take everything or nothing."""
    trail(client)
    client("logs").put_metric_filter(
        logGroupName="trail",
        filterName="changes",
        filterPattern="{ $.eventName = (DeleteTrail }",
        metricTransformations=[{"metricName": "changes", "metricNamespace": "Trail", "metricValue": "1"}],
    )
    alarm(client, "changes", [])

    assert isinstance(read(COLLECTOR).fact(ChangeAlert, "changes").events, Unread)


DEPTH = {
    "Namespace": "AWS/SQS",
    "MetricName": "ApproximateNumberOfMessagesVisible",
    "Dimensions": [{"Name": "QueueName", "Value": "Orders"}],
}
ALL = 'SELECT MAX(ApproximateNumberOfMessagesVisible) FROM "AWS/SQS"'
OF_ORDERS = "aws/sqs/approximatenumberofmessagesvisible QueueName=Orders"
OF_ALL = "aws/sqs/approximatenumberofmessagesvisible *"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (DEPTH, (OF_ORDERS,)),
        ({"Metrics": [{"Id": "m", "MetricStat": {"Metric": DEPTH}}, {"Id": "e", "Expression": "m * 2"}]}, (OF_ORDERS,)),
        ({"Metrics": [{"Id": "m", "MetricStat": {"Metric": DEPTH}, "AccountId": "123456789012"}]}, (OF_ORDERS,)),
        ({"Metrics": [{"Id": "m", "MetricStat": {"Metric": DEPTH}, "AccountId": "999999999999"}]}, ()),
        ({"Metrics": [{"Id": "q", "Expression": ALL}]}, (OF_ALL,)),
        ({"Metrics": [{"Id": "q", "Expression": ALL.replace('"AWS/SQS"', 'SCHEMA("AWS/SQS", QueueName)')}]}, (OF_ALL,)),
        ({"Metrics": [{"Id": "q", "Expression": f"{ALL} GROUP BY QueueName ORDER BY MAX() DESC"}]}, (OF_ALL,)),
        ({"Metrics": [{"Id": "q", "Expression": f"{ALL} WHERE QueueName = 'Orders'"}]}, ()),
        ({"Metrics": [{"Id": "q", "Expression": f"{ALL} LIMIT 1"}]}, ()),
        ({"Metrics": [{"Id": "q", "Expression": f"{ALL} GROUP BY QueueName ORDER BY MAX() ASC LIMIT 1"}]}, ()),
    ],
)
def test_of_what_an_alarm_watches_a_measure(said: dict[str, Any], expected: tuple[str, ...]) -> None:
    """Of this account's, each by its name; a query takes all of them, unless it picks some."""
    assert watches({"AlarmArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a", **said}) == expected


def test_an_alarm_says_of_which_queue(read: Read, client: Client) -> None:
    """As the provider answers it."""
    alarm(client, "left", [topic(client, heard=True)], **DEPTH)

    assert read(COLLECTOR).fact(MetricAlarm, "left").watches == (OF_ORDERS,)
