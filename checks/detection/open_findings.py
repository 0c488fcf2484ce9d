"""What the provider's security service holds to be wrong is put right in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from checks.api import (
    FAIL,
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
from checks.thresholds import names, number
from checks.when import day, older_than
from collectors.facts.core import Unread
from collectors.facts.detection import SecurityFinding
from collectors.facts.monitoring import AuditCoverage

SEVERITIES = ("critical", "high")


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per open finding of the provider's, and one per account, which passes when none of them counts.

    One that the company decided to live with is not judged, and one that is young has its time.
    """
    limits = {severity: number(params, f"{severity}_days") for severity in names(params, "severities")}
    found = [_judge(each, now, limits) for each in facts.of(SecurityFinding)]
    yield from found
    open_ = [each for each in found if each.outcome is FAIL]
    gaps = [*unread_in(facts.unlisted(SecurityFinding)), *(gap for each in found for gap in each.unread)]
    for account in facts.of(AuditCoverage):
        if open_:
            yield not_applicable(account, "open findings are judged one by one")
        elif gaps:
            yield unknown(account, *gaps)
        else:
            yield passes(account, f"no finding of severity {' or '.join(limits)} is open for longer than it may be")


def _judge(each: SecurityFinding, now: datetime, limits: Mapping[str, float]) -> Finding:
    if isinstance(each.severity, str) and each.severity not in limits:
        return not_applicable(each, f"severity is {each.severity}")
    if each.muted is True:
        return not_applicable(each, "the company decided not to act on it")
    if isinstance(each.severity, Unread) or isinstance(each.muted, Unread) or isinstance(each.opened, Unread):
        return unknown(each, *unread_in(each.severity, each.muted, each.opened))
    days = limits[each.severity]
    said = f"{each.what}, of severity {each.severity}, is open since {day(each.opened)}"
    if older_than(each.opened, days, now):
        return fails(each, f"{said}, more than {days} days")
    return passes(each, f"{said}, to be closed by {day(each.opened + timedelta(days=days))}")


CHECK = Check(
    id="detection.open_findings",
    title="No grave finding of the provider's stays open",
    criteria=(
        Criterion("CC7.3", PARTIAL, "what was found is judged, and settled or muted"),
        Criterion("CC7.1", PARTIAL, "weak settings that were found do not stay"),
        Criterion("CC7.4", SUPPORTING, "what was found is put right"),
    ),
    severity="high",
    needs=(SecurityFinding, AuditCoverage),
    judges=(SecurityFinding, AuditCoverage),
    remediation="Put right what the finding names, which closes it, or mute it with a reason: on Google Cloud, "
    "Security Command Center, Findings; on AWS, suppress it in Security Hub or archive it in GuardDuty; on "
    "Azure, resolve or dismiss the alert in Defender for Cloud.",
    equivalents={"prowler": ("guardduty_no_high_severity_findings",)},
    judge=judge,
    params=(
        Param("severities", SEVERITIES, "severities", "those of which none may stay open"),
        Param("critical_days", 7, "days", "longest time that a critical finding may be open; 0 for none"),
        Param("high_days", 7, "days", "longest time for one of high severity"),
        Param("medium_days", 30, "days", "longest time for one of medium severity"),
        Param("low_days", 90, "days", "longest time for one of low severity"),
    ),
    time_dependent=True,
)
