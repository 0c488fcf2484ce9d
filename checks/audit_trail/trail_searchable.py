"""Audit trails also stream to a log store, where they can be searched and watched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

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
from checks.thresholds import number
from checks.when import day, older_than
from collectors.facts.core import Unread
from collectors.facts.monitoring import AuditTrail


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per trail; whatever was read and is wrong decides, even beside something unread."""
    hours = number(params, "max_silence_hours")
    for trail in facts.of(AuditTrail):
        newest = trail.last_search_delivery
        if trail.searchable_in is None:
            yield fails(trail, "trail streams to no log store")
        elif not trail.delivery_told:
            yield (
                unknown(trail, trail.searchable_in)
                if isinstance(trail.searchable_in, Unread)
                else passes(trail, f"trail streams to {trail.searchable_in}; the provider tells nothing of deliveries")
            )
        elif newest is None:
            yield fails(trail, "trail has never delivered to its log store")
        elif isinstance(newest, datetime) and older_than(newest, hours / 24, now):
            yield fails(trail, f"newest event reached the log store on {day(newest)}, more than {hours} hours ago")
        elif gaps := unread_in(trail.searchable_in, newest):
            yield unknown(trail, *gaps)
        else:
            yield passes(trail, f"trail streamed to {trail.searchable_in} within {hours} hours")


CHECK = Check(
    id="audit_trail.trail_searchable",
    title="Audit trails can be searched",
    criteria=(
        Criterion("CC7.2", PARTIAL, "alarms watch the stream, not the archived files"),
        Criterion("CC7.3", PARTIAL, "whoever judges an event can search what led to it"),
    ),
    severity="medium",
    needs=(AuditTrail,),
    remediation="On AWS, set a CloudWatch Logs log group on the trail (CloudWatchLogsLogGroupArn) with a role that "
    "may write to it.  On Azure, send the activity log to a Log Analytics workspace (workspaceId).",
    equivalents={
        "prowler": ("cloudtrail_cloudwatch_logging_enabled",),
        "aws_config": ("cloud-trail-cloud-watch-logs-enabled",),
        "security_hub": ("CloudTrail.5",),
    },
    judge=judge,
    params=(Param("max_silence_hours", 24, "hours", "longest time without an event in the log store"),),
    time_dependent=True,
)
