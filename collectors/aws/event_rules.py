"""Rules of EventBridge that watch what happens in an account; read together with its alarms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collectors.api import Body, Document, Kind, Then
from collectors.aws.alert_receivers import receivers, subscriptions
from collectors.aws.event_patterns import events
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.detection import ChangeAlert

RULE = Kind("aws.events.rule", "events", "ListRules", items="Rules")
TARGETS = Kind("aws.events.targets", "events", "ListTargetsByRule", items="Targets")

GLOBAL = ("iam:", "organizations:", "route53:", "cloudfront:")
"""Begins calls that the whole account makes in one region."""
HOME = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
"""That region, by partition."""
ENABLED = frozenset({"ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"})


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every rule of the default bus, where AWS sends its events, that waits for events, with its targets."""
    for rule in aws.listing(RULE):
        if rule.get("EventPattern"):
            uid = rule["Arn"]
            yield aws.document(RULE, uid, rule)
            yield Then(targets, (uid, rule["Name"]), f"{uid}/{TARGETS.operation}")


def targets(aws: Reader, uid: str, name: str) -> Iterator[Document]:
    """Where one rule sends what it takes."""
    yield from aws.gather(TARGETS, uid, Rule=name)


def alerts(docs: Documents) -> Iterator[Fact]:
    """One fact per rule that takes something which is watched."""
    rules = {rule.uid: docs.field(RULE, rule, lambda body: events(str(body["EventPattern"]))) for rule in docs.of(RULE)}
    for rule in docs.of(RULE):
        taken = rules[rule.uid]
        if not taken:
            continue
        told = docs.value(TARGETS, rule.uid, lambda body: tuple(str(each["Arn"]) for each in body["Targets"]))
        behind = [] if isinstance(told, Unread) else subscriptions(docs, told)
        yield ChangeAlert(
            resource=docs.resource("alert", rule.uid, str(rule.body["Name"]), rule.region),
            documents=docs.about(rule.uid, *behind),
            enabled=docs.field(RULE, rule, is_on),
            events=taken,
            whole_account=taken if isinstance(taken, Unread) else _whole(docs, rule, taken, rules),
            receivers=told if isinstance(told, Unread) else receivers(docs, told),
        )


def is_on(body: Body) -> bool:
    """The rule is not switched off."""
    return body["State"] in ENABLED


def _whole(
    docs: Documents, rule: Document, taken: tuple[str, ...], rules: Mapping[str, tuple[str, ...] | Unread]
) -> bool | Unread:
    """Events are sent in the region where they happen, so each region has such a rule, or its events come here."""
    if rule.region == HOME.get(docs.partition) and all(each.startswith(GLOBAL) for each in taken):
        return True
    found = [_covered(docs, region, taken, rules) for region in docs.regions if region != rule.region]
    if False in found:
        return False
    return next((each for each in found if isinstance(each, Unread)), True)


def _covered(
    docs: Documents, region: str, taken: tuple[str, ...], rules: Mapping[str, tuple[str, ...] | Unread]
) -> bool | Unread:
    """Some rule of the region that is on takes the same, and tells somebody or hands it on."""
    unread = docs.complete(RULE, region)
    for other in docs.of(RULE):
        theirs = rules[other.uid]
        if other.region != region or (not isinstance(theirs, Unread) and not {*taken} <= {*theirs}):
            continue
        does = _tells(docs, other)
        if does is True and not isinstance(theirs, Unread):
            return True
        unread = unread or next((each for each in (theirs, does) if isinstance(each, Unread)), None)
    return unread or False


def _tells(docs: Documents, rule: Document) -> bool | Unread:
    if docs.field(RULE, rule, is_on) is not True:
        return False
    told = docs.value(TARGETS, rule.uid, lambda body: tuple(str(each["Arn"]) for each in body["Targets"]))
    if isinstance(told, Unread):
        return told
    if any(":event-bus/" in each for each in told):
        return True
    number = receivers(docs, told)
    return number if isinstance(number, Unread) else number > 0
