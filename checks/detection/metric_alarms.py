"""Somebody is told when a measure crosses its limit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase

from checks.api import (
    PARTIAL,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    fails,
    passes,
    unknown,
    unread_in,
)
from checks.thresholds import names
from collectors.facts.availability import MetricAlarm
from collectors.facts.core import Unread
from collectors.facts.monitoring import AuditCoverage


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account: each measure asked for has an alarm that is on and tells somebody."""
    asked = names(params, "measures")
    for account in facts.of(AuditCoverage):
        watched = {pattern: _watched(facts, pattern) for pattern in asked}
        missing = [pattern for pattern, value in watched.items() if value is False]
        if missing:
            yield fails(account, f"no alarm that is on and tells somebody watches {', '.join(missing)}")
        elif gaps := unread_in(*watched.values()):
            yield unknown(account, *gaps)
        else:
            alarms = [value for value in watched.values() if isinstance(value, MetricAlarm)]
            named = ", ".join(sorted({alarm.resource.name for alarm in alarms}))
            yield passes(account, f"alarms that are on and tell somebody: {named}", *alarms)


def _watched(facts: Facts, pattern: str) -> MetricAlarm | Unread | bool:
    """An alarm that does, or False, or why nobody can tell."""
    unread = facts.unlisted(MetricAlarm)
    for alarm in facts.of(MetricAlarm):
        does = _does(alarm, pattern)
        if does is True:
            return alarm
        if isinstance(does, Unread):
            unread = unread or does
    return unread or False


def _does(alarm: MetricAlarm, pattern: str) -> bool | Unread:
    """One part that is known to be wrong settles that this alarm does not."""
    parts = (
        alarm.enabled,
        alarm.measures
        if isinstance(alarm.measures, Unread)
        else any(fnmatchcase(each, pattern.lower()) for each in alarm.measures),
        alarm.receivers if isinstance(alarm.receivers, Unread) else alarm.receivers > 0,
    )
    if False in parts:
        return False
    return next(iter(unread_in(*parts)), True)


CHECK = Check(
    id="detection.metric_alarms",
    title="Measures that cross a limit raise an alarm",
    criteria=(
        Criterion("A1.1", PARTIAL, "use of capacity is watched, and somebody hears when it grows short"),
        Criterion("CC7.2", PARTIAL, "signs of failure are seen"),
    ),
    severity="medium",
    needs=(AuditCoverage, MetricAlarm),
    remediation="Create a metric alert with an action group on Azure, an alarm with an action in CloudWatch on AWS, an "
    "alert policy with a notification channel on Google Cloud.",
    equivalents={},
    judge=judge,
    params=(
        Param(
            "measures",
            ("*",),
            "names of measures",
            "each of them has an alarm; * stands for any text, in the names of the provider",
        ),
    ),
)
