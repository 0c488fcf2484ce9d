"""Some audit trail that is on records every region of an account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.core import Unread
from collectors.facts.monitoring import AuditCoverage


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account; an account without any trail fails."""
    for coverage in facts.of(AuditCoverage):
        yield decide(
            coverage,
            coverage.covers_all_regions,
            yes=f"{_named(coverage.covering)} is on and records every region",
            no=_lacking(coverage.trails),
        )


def _named(covering: tuple[str, ...] | Unread) -> str:
    if isinstance(covering, Unread) or not covering:
        return "an audit trail"
    return "audit trail " + " and ".join(sorted(covering))


def _lacking(trails: int | Unread) -> str:
    if trails == 0:
        return "there is no audit trail"
    if isinstance(trails, Unread):
        return "no audit trail is on and records every region"
    return f"none of the audit trails, {trails} in number, is on and records every region"


CHECK = Check(
    id="audit_trail.all_regions",
    title="An audit trail records every region",
    criteria=(
        Criterion("CC7.2", DIRECT, "nobody can watch a region whose calls are not recorded"),
        Criterion("CC7.3", SUPPORTING, "an event can be judged only from a record of it"),
        Criterion("CC2.1", SUPPORTING, "the record of activity has no blind region"),
    ),
    severity="high",
    needs=(AuditCoverage,),
    remediation="On AWS, create a CloudTrail trail that applies to all regions (IsMultiRegionTrail), or make an "
    "existing one do so, and start its logging.  On Azure, export the activity log by a diagnostic setting of the "
    "subscription: Azure itself keeps it for 90 days only.",
    equivalents={
        "prowler": ("cloudtrail_multi_region_enabled", "monitor_diagnostic_settings_exists"),
        "aws_config": ("multi-region-cloudtrail-enabled",),
        "security_hub": ("CloudTrail.1",),
        "cis": ("AWS 3.1",),
    },
    judge=judge,
)
