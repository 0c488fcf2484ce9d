"""Every alert that is on reaches somebody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    PARTIAL,
    Check,
    Criterion,
    Facts,
    Finding,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from collectors.facts.availability import MetricAlarm
from collectors.facts.core import Unread
from collectors.facts.detection import ChangeAlert


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per alert or alarm; one that is off reaches nobody by intention."""
    alerts: tuple[ChangeAlert | MetricAlarm, ...] = (*facts.of(ChangeAlert), *facts.of(MetricAlarm))
    for alert in alerts:
        if alert.enabled is False:
            yield not_applicable(alert, "alert is switched off")
        elif not isinstance(alert.receivers, Unread) and alert.receivers > 0:
            yield passes(alert, f"alert has receivers, {alert.receivers} in number")
        elif gaps := unread_in(alert.enabled, alert.receivers):
            yield unknown(alert, *gaps)
        else:
            yield fails(alert, "alert is on and tells nobody")


CHECK = Check(
    id="detection.alert_receivers",
    title="Alerts reach somebody",
    criteria=(
        Criterion("CC7.2", PARTIAL, "an anomaly that was found also reaches a person"),
        Criterion("CC7.3", PARTIAL, "an event can be judged only by somebody who hears of it"),
    ),
    severity="medium",
    needs=(ChangeAlert, MetricAlarm),
    judges=(ChangeAlert, MetricAlarm),
    remediation="Give the alert a receiver that is on: on Azure, an action group that is enabled and has a receiver; "
    "on AWS, an SNS topic with a subscription that was confirmed.",
    equivalents={},
    judge=judge,
)
