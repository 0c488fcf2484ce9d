"""Somebody is told when work that goes on by itself fails or is left lying."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase

from checks.api import (
    PARTIAL,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from checks.thresholds import names
from collectors.facts.availability import MetricAlarm
from collectors.facts.core import Unread
from collectors.facts.detection import ChangeAlert
from collectors.facts.processing import UnattendedWork

Texts = tuple[str, ...] | Unread


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per queue, state machine or job: some alarm or alert that is on tells somebody of it."""
    exceptions = names(params, "exceptions")
    for work in facts.of(UnattendedWork):
        if any(fnmatchcase(work.resource.name, each) for each in exceptions):
            yield not_applicable(work, f"{work.what} is on the list of those that nobody needs to watch")
            continue
        found = _told(facts, work)
        if isinstance(found, Unread):
            yield unknown(work, found)
        elif found is None:
            yield fails(work, f"nobody is told when {work.what} fails or leaves work lying")
        else:
            yield passes(work, f"{found.resource.name} is on and tells somebody", found)


def _told(facts: Facts, work: UnattendedWork) -> MetricAlarm | ChangeAlert | Unread | None:
    """What tells somebody, or None, or why nobody can know.  A list that was cut off might hold it."""
    region = work.resource.region
    unread = None
    if work.measures:
        unread = facts.unlisted(MetricAlarm, region)
    if work.events:
        unread = unread or facts.unlisted(ChangeAlert)
    alarms: list[MetricAlarm | ChangeAlert] = [*facts.of(MetricAlarm), *facts.of(ChangeAlert)]
    for each in alarms:
        does = _does(each, work, near=each.resource.region in (region, "global"))
        if does is True:
            return each
        if isinstance(does, Unread):
            unread = unread or does
    return unread


def _does(each: MetricAlarm | ChangeAlert, work: UnattendedWork, *, near: bool) -> bool | Unread:
    """One part that is known to be wrong settles that this one does not.

    Measures and events stay in their region, but for an alert to which all regions hand theirs on.
    """
    if isinstance(each, MetricAlarm):
        parts = [near, _met(work.measures, each.watches)]
    else:
        parts = [near or each.whole_account, _met(work.events, each.events)]
    reaches = each.receivers if isinstance(each.receivers, Unread) else each.receivers > 0
    parts = [each.enabled, *parts, reaches]
    if False in parts:
        return False
    return next(iter(unread_in(*parts)), True)


def _met(wanted: Texts, patterns: Texts) -> bool | Unread:
    """Some pattern takes something that is wanted; an empty list settles it, whatever the other one holds."""
    if () in (wanted, patterns):
        return False
    if isinstance(wanted, Unread):
        return wanted
    if isinstance(patterns, Unread):
        return patterns
    return any(fnmatchcase(text, pattern) for text in wanted for pattern in patterns)


CHECK = Check(
    id="detection.failed_work_watched",
    title="Somebody is told when work fails or is left lying",
    criteria=(
        Criterion("PI1.3", PARTIAL, "a failure of processing is noticed while it can be mended"),
        Criterion("CC7.2", SUPPORTING, "failures are among the signs that are watched"),
    ),
    severity="medium",
    needs=(UnattendedWork, MetricAlarm, ChangeAlert),
    remediation="On AWS create a CloudWatch alarm with an action on ApproximateNumberOfMessagesVisible of the "
    "dead-letter queue, or of the queue without one, and on ExecutionsFailed of the state machine; for Glue, a rule of "
    "EventBridge with a target that takes Glue Job State Change with state FAILED. On Azure create a metric alert on "
    "DeadletteredMessages of the Service Bus namespace. Or name the work in the parameters of this check.",
    equivalents={},
    judge=judge,
    params=(Param("exceptions", (), "names of queues and jobs, * for any text", "those that nobody needs to watch"),),
)
