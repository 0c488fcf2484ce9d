"""Audit trails are on and their log files arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
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
from checks.thresholds import number
from checks.when import day, older_than
from collectors.facts.core import Unread
from collectors.facts.monitoring import AuditTrail


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per trail; whatever was read and is wrong decides, even beside something unread."""
    hours = number(params, "max_silence_hours")
    for trail in facts.of(AuditTrail):
        if trail.logging is False:
            yield fails(trail, "trail is switched off")
        elif not trail.delivery_told:
            yield (
                unknown(trail, trail.logging)
                if isinstance(trail.logging, Unread)
                else not_applicable(trail, "trail is on; the provider tells nothing of deliveries")
            )
        elif isinstance(trail.delivery_error, str):
            yield fails(trail, f"newest delivery failed with {trail.delivery_error}")
        elif trail.last_delivery is None:
            yield fails(trail, "trail has never delivered a log file")
        elif isinstance(trail.last_delivery, datetime) and older_than(trail.last_delivery, hours / 24, now):
            yield fails(trail, f"newest delivery was on {day(trail.last_delivery)}, more than {hours} hours ago")
        elif gaps := unread_in(trail.logging, trail.delivery_error, trail.last_delivery):
            yield unknown(trail, *gaps)
        else:
            yield passes(trail, f"trail is on and delivered without error within {hours} hours")


CHECK = Check(
    id="audit_trail.trail_delivers",
    title="Audit trails deliver their log files",
    criteria=(
        Criterion("CC7.2", DIRECT, "a trail that has stopped records nothing to watch"),
        Criterion("CC2.1", SUPPORTING, "the record of activity is current"),
    ),
    severity="high",
    needs=(AuditTrail,),
    remediation="Start the trail's logging (StartLogging); if LatestDeliveryError is set, mend the bucket "
    "policy or the KMS key policy that it names.",
    equivalents={},
    judge=judge,
    params=(Param("max_silence_hours", 24, "hours", "longest time without a delivered log file"),),
    time_dependent=True,
)
