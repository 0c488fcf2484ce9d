"""Alarms of CloudWatch and rules of EventBridge, with those who hear of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws import alert_receivers, cloudtrail_trails, event_rules
from collectors.aws.alert_receivers import SUBSCRIPTION, receivers, subscriptions
from collectors.aws.cloudtrail_trails import WRITES, records_management
from collectors.aws.filter_patterns import FAILED, events
from collectors.aws.log_groups import group_uid
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.availability import MetricAlarm
from collectors.facts.core import Fact, Unread
from collectors.facts.detection import ChangeAlert

STATES = ("StateValue", "StateReason", "StateReasonData", "StateUpdatedTimestamp", "StateTransitionedTimestamp")
ALARM = Kind("aws.cloudwatch.alarm", "cloudwatch", "DescribeAlarms", items="MetricAlarms", volatile=STATES)
TOGETHER = Kind(
    "aws.cloudwatch.composite_alarm", "cloudwatch", "DescribeAlarms", items="CompositeAlarms", volatile=STATES
)
FILTER = Kind("aws.logs.alarm_filter", "logs", "DescribeMetricFilters", items="metricFilters")
TRAIL = Kind("aws.cloudtrail.watched_trail", "cloudtrail", "DescribeTrails", items="trailList")
STATUS = Kind(
    "aws.cloudtrail.watched_status", "cloudtrail", "GetTrailStatus", volatile=cloudtrail_trails.STATUS.volatile
)
SELECTORS = Kind("aws.cloudtrail.watched_selectors", "cloudtrail", "GetEventSelectors")

COUNTS = frozenset({"Sum", "Maximum", "SampleCount"})
"""Statistics that one event is enough for."""
REACHES = {"GreaterThanOrEqualToThreshold": float.__ge__, "GreaterThanThreshold": float.__gt__}
PART = re.compile(r"\bALARM\(\s*[\"']?([^\"')]+?)[\"']?\s*\)", re.IGNORECASE)
"""One alarm in the rule of a composite alarm, by name or ARN."""
CONDITION = re.compile(r"\b(AND|NOT)\b", re.IGNORECASE)
ACCOUNT = 4
"""Which part of an ARN is the account."""
ALL_OF_THEM = re.compile(
    r"(?!.*\b(WHERE|LIMIT)\b)SELECT\s+(MAX|SUM|COUNT)\(\s*\"?(?P<name>\w+)\"?\s*\)"
    r"\s+FROM\s+(SCHEMA\(\s*)?\"(?P<namespace>[^\"]+)\"(\s*,[^)]*)?\)?(\s+GROUP BY\s[\w\", ]+)?(\s+ORDER BY\s.*)?",
    re.IGNORECASE | re.DOTALL,
)
"""A query about every thing that has a measure: CloudWatch, Metrics Insights query components."""
PROVIDER = "aws/"
"""Begins measures that AWS alone writes; no filter may: CloudWatch API, PutMetricData."""
MANY = ("error:",)
"""Begins events that are normal one by one, so that an alarm may wait for many."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Each listing at once: alarms, filters, subscriptions, trails, rules."""
    types = ["MetricAlarm", "CompositeAlarm"]
    for page in aws.pages(ALARM, TOGETHER, AlarmTypes=types):
        for kind in (ALARM, TOGETHER):
            for alarm in page[kind.items]:
                yield aws.document(kind, alarm["AlarmArn"], alarm)
    yield Then(filters, (), FILTER.operation)
    yield Then(alert_receivers.fetch, (), SUBSCRIPTION.operation)
    yield Then(trails, (), TRAIL.operation)
    yield Then(event_rules.fetch, (), event_rules.RULE.operation)


def filters(aws: Reader) -> Iterator[Document]:
    """Every metric filter, told apart by its log group and its name."""
    for each in aws.listing(FILTER):
        group = aws.arn("logs", f"log-group:{each['logGroupName']}")
        yield aws.document(FILTER, f"{group}:metric-filter:{each['filterName']}", each)


def trails(aws: Reader) -> Iterator[Document]:
    """Every trail that lives here and writes to a log group, which is in its own region."""
    for trail in aws.listing(TRAIL, includeShadowTrails=False):
        if trail.get("CloudWatchLogsLogGroupArn"):
            uid = trail["TrailARN"]
            yield aws.document(TRAIL, uid, trail)
            yield from aws.read(STATUS, uid, Name=uid)
            yield from aws.read(SELECTORS, uid, TrailName=uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per alarm: of changes, where a filter feeds it, and of measures otherwise; then one per rule."""
    feeding: dict[tuple[str, str], list[Document]] = defaultdict(list)
    for each in docs.of(FILTER):
        for measure in feeds(docs, each):
            feeding[each.region, measure].append(each)
    for alarm in docs.of(ALARM):
        above = [each for each in docs.of(TOGETHER) if _tells_of(docs, each, alarm)]
        feeders = [each for measure in _measures(docs, alarm) for each in feeding[alarm.region, measure]]
        if feeders:
            yield _change_alert(docs, alarm, above, feeders)
        elif not docs.complete(FILTER, alarm.region) or not _may_be_fed(docs, alarm):
            yield _metric_alarm(docs, alarm, above)
    yield from event_rules.alerts(docs)


def _may_be_fed(docs: Documents, alarm: Document) -> bool:
    """Some filter could feed it, so that without the filters nobody knows which of the two it is."""
    return not all(measure.startswith(PROVIDER) for measure in _measures(docs, alarm))


def feeds(docs: Documents, each: Document) -> tuple[str, ...]:
    """The measures that a filter counts in."""
    found = docs.field(
        FILTER, each, lambda body: tuple(_measure(to["metricNamespace"], to["metricName"]) for to in body[TO])
    )
    return () if isinstance(found, Unread) else found


TO = "metricTransformations"


def _measure(namespace: object, name: object) -> str:
    """A measure as the provider names it, in lower case: `aws/rds/cpuutilization`."""
    return f"{namespace}/{name}".lower()


def measures(body: Body) -> tuple[str, ...]:
    """What an alarm watches; one that calculates watches all that it calculates with."""
    if "MetricName" in body:
        return (_measure(body["Namespace"], body["MetricName"]),)
    stats = (each["MetricStat"]["Metric"] for each in body["Metrics"] if each.get("MetricStat"))
    return tuple(sorted({_measure(metric["Namespace"], metric["MetricName"]) for metric in stats}))


def watches(body: Body) -> tuple[str, ...]:
    """Each measure of this account with its dimensions: `aws/sqs/approximateageofoldestmessage QueueName=orders`."""
    if "MetricName" in body:
        return (_series(body),)
    own = str(body["AlarmArn"]).split(":")[ACCOUNT]
    found = set()
    for each in body["Metrics"]:
        if each.get("MetricStat") and each.get("AccountId", own) == own:
            found.add(_series(each["MetricStat"]["Metric"]))
        elif query := ALL_OF_THEM.fullmatch(str(each.get("Expression", "")).strip()):
            found.add(f"{_measure(query['namespace'], query['name'])} *")
    return tuple(sorted(found))


def _series(metric: Body) -> str:
    narrowed = sorted(f"{each['Name']}={each['Value']}" for each in metric.get("Dimensions") or ())
    return f"{_measure(metric['Namespace'], metric['MetricName'])} {','.join(narrowed)}"


def _measures(docs: Documents, alarm: Document) -> tuple[str, ...]:
    found = docs.field(ALARM, alarm, measures)
    return () if isinstance(found, Unread) else found


def _tells_of(docs: Documents, composite: Document, alarm: Document) -> bool:
    """A composite alarm that is on goes off whenever this alarm does."""
    rule = docs.field(TOGETHER, composite, lambda body: str(body["AlarmRule"]))
    on = docs.field(TOGETHER, composite, is_on)
    if isinstance(rule, Unread) or on is not True or CONDITION.search(rule) or composite.region != alarm.region:
        return False
    return not {alarm.uid, alarm.body["AlarmName"]}.isdisjoint(PART.findall(rule))


def is_on(body: Body) -> bool:
    """Its actions are taken."""
    return bool(body["ActionsEnabled"])


def _actions(alarm: Document, above: Iterable[Document]) -> list[str]:
    """Whom the alarm tells, by itself or through those above it."""
    own = list(alarm.body["AlarmActions"]) if alarm.body["ActionsEnabled"] else []
    return [*own, *(action for each in above for action in each.body["AlarmActions"])]


def _metric_alarm(docs: Documents, alarm: Document, above: list[Document]) -> MetricAlarm:
    told = docs.field(ALARM, alarm, lambda _: tuple(_actions(alarm, above)))
    behind = [] if isinstance(told, Unread) else subscriptions(docs, told)
    return MetricAlarm(
        resource=docs.resource("metric_alarm", alarm.uid, str(alarm.body["AlarmName"]), alarm.region),
        documents=docs.about(alarm.uid, *above, *behind),
        enabled=bool(above) or docs.field(ALARM, alarm, is_on),
        measures=docs.field(ALARM, alarm, measures),
        receivers=told if isinstance(told, Unread) else receivers(docs, told),
        watches=docs.field(ALARM, alarm, watches),
    )


def _change_alert(docs: Documents, alarm: Document, above: list[Document], feeders: list[Document]) -> ChangeAlert:
    """Filters on what a trail of the whole account writes come first; without one, the others say what they take."""
    told = docs.field(ALARM, alarm, lambda _: tuple(_actions(alarm, above)))
    behind = [] if isinstance(told, Unread) else subscriptions(docs, told)
    sources = {each.uid: whole(docs, each) for each in feeders}
    some: bool | Unread = True in sources.values() or next(
        (each for each in sources.values() if isinstance(each, Unread)), False
    )
    chosen = [each for each in feeders if sources[each.uid] is True] or feeders
    taken = [docs.field(FILTER, each, lambda body: _taken(alarm.body, body)) for each in chosen]
    unread = next((each for each in taken if isinstance(each, Unread)), None)
    return ChangeAlert(
        resource=docs.resource("alert", alarm.uid, str(alarm.body["AlarmName"]), alarm.region),
        documents=docs.about(alarm.uid, *feeders, *above, *behind, *docs.of(TRAIL)),
        enabled=bool(above) or docs.field(ALARM, alarm, is_on),
        events=unread or tuple(sorted({event for each in taken if not isinstance(each, Unread) for event in each})),
        whole_account=some,
        receivers=told if isinstance(told, Unread) else receivers(docs, told),
    )


def _taken(alarm: Body, body: Body) -> tuple[str, ...]:
    """What sets the alarm off: a single event, where that is not normal."""
    found = events(str(body["filterPattern"]))
    if at_once(alarm, body):
        return found
    return tuple(each for each in found if each.startswith(MANY) or each.endswith(f":{FAILED}"))


def at_once(alarm: Body, body: Body) -> bool:
    """One event is enough."""
    values = [str(to["metricValue"]) for to in body[TO]]
    reaches = REACHES.get(str(alarm["ComparisonOperator"]))
    if alarm.get("Statistic") not in COUNTS or reaches is None or not all(map(NUMBER.fullmatch, values)):
        return False
    points = int(alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"])
    return points == 1 and all(reaches(float(value), float(alarm["Threshold"])) for value in values)


NUMBER = re.compile(r"\d+(\.\d+)?")


def whole(docs: Documents, each: Document) -> bool | Unread:
    """Some trail that is on writes every change in every region into the filter's log group."""
    unread = docs.complete(TRAIL, each.region)
    group = each.uid.partition(":metric-filter:")[0]
    for trail in docs.of(TRAIL):
        if group_uid(str(trail.body["CloudWatchLogsLogGroupArn"])) == group:
            does = _records(docs, trail)
            if does is True:
                return True
            unread = unread or (does if isinstance(does, Unread) else None)
    return unread or False


def _records(docs: Documents, trail: Document) -> bool | Unread:
    parts: Mapping[str, bool | Unread] = {
        "everywhere": docs.field(TRAIL, trail, lambda body: bool(body["IsMultiRegionTrail"])),
        "on": docs.value(STATUS, trail.uid, lambda body: bool(body["IsLogging"])),
        "changes": docs.value(SELECTORS, trail.uid, lambda body: records_management(body, WRITES)),
    }
    if False in parts.values():
        return False
    return next((each for each in parts.values() if isinstance(each, Unread)), True)


COLLECTOR = Collector(
    id="aws.alarms",
    title="Alarms, event rules, and whom they tell",
    scope="region",
    kinds=(ALARM, TOGETHER, FILTER, SUBSCRIPTION, TRAIL, STATUS, SELECTORS, event_rules.RULE, event_rules.TARGETS),
    emits={MetricAlarm: ALARM, ChangeAlert: FILTER},
    source="Amazon CloudWatch API 2010-08-01, CloudWatch Logs API 2014-03-28, EventBridge API 2015-10-07, "
    "Amazon SNS API 2010-03-31, AWS CloudTrail API 2013-11-01",
    fetch=fetch,
    shape=shape,
    bounded_by={ChangeAlert: (ALARM, event_rules.RULE), MetricAlarm: (FILTER,)},
)
