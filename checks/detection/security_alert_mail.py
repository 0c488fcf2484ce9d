"""The provider tells of security alerts from the severity on that the company chose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.alerting import told as told_by
from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Param, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.detection import ChangeAlert, SecurityContact

SEVERITIES = ("low", "medium", "high", "critical")
"""The lowest first."""


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account.  Raises ValueError for a parameter that is no severity."""
    limit = params["severity"]
    if limit not in SEVERITIES:
        raise ValueError(f"parameter severity must be one of {', '.join(SEVERITIES)}, not {limit!r}")
    enough = SEVERITIES[: SEVERITIES.index(str(limit)) + 1]
    for contact in facts.of(SecurityContact):
        told = contact.alerts_from
        if isinstance(told, Unread):
            yield unknown(contact, told)
        elif told is None:
            yield _by_rule(facts, contact, str(limit))
        elif told in enough:
            yield passes(contact, f"mails are sent about security alerts of severity {told} and above")
        else:
            yield fails(contact, f"mails are sent about security alerts of severity {told} only")


def _by_rule(facts: Facts, contact: SecurityContact, severity: str) -> Finding:
    """Where contacts hear nothing, a rule of the company's own may tell somebody."""
    value, alerts = told_by(facts, f"finding:{severity}")
    if isinstance(value, Unread):
        return unknown(contact, value)
    if value:
        named = alerts[0].resource.name
        return passes(contact, f"rule {named} tells somebody of security alerts of severity {severity}", *alerts)
    return fails(contact, "no mail is sent about security alerts")


CHECK = Check(
    id="detection.security_alert_mail",
    title="Security alerts are sent by mail",
    criteria=(
        Criterion("CC7.3", DIRECT, "an alert is judged by the person who gets it"),
        Criterion("CC7.2", PARTIAL, "what detection found reaches a person"),
    ),
    severity="high",
    needs=(SecurityContact, ChangeAlert),
    remediation="Have the provider send alerts from high severity down: on Azure, Microsoft Defender for Cloud, "
    "Environment settings, Email notifications, notify about alerts with severity High or lower; on AWS, an "
    "EventBridge rule in each region that takes GuardDuty or Security Hub findings and has an SNS topic as its target.",
    equivalents={"prowler": ("defender_ensure_notify_alerts_severity_is_high",)},
    judge=judge,
    params=(Param("severity", "high", "severity", "least severity of which a mail must be sent"),),
)
