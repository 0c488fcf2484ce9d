"""Streams keep their records long enough to read them once more after a fault."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Param, Params, fails, passes, unknown
from checks.thresholds import number
from collectors.facts.core import Unread
from collectors.facts.stores import Stream


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per stream."""
    minimum = number(params, "minimum_hours")
    for stream in facts.of(Stream):
        if isinstance(stream.kept_hours, Unread):
            yield unknown(stream, stream.kept_hours)
        elif stream.kept_hours < minimum:
            yield fails(stream, f"records stay for {stream.kept_hours} hours, less than {minimum} hours")
        else:
            yield passes(stream, f"records stay for {stream.kept_hours} hours")


CHECK = Check(
    id="backup.stream_retention",
    title="Streams keep records for a week",
    criteria=(
        Criterion("A1.2", PARTIAL, "what a failed reader missed can be read again"),
        Criterion("PI1.5", PARTIAL, "records that wait to be processed outlast a fault of what processes them"),
        Criterion("PI1.3", SUPPORTING, "wrong processing can be done over from the same records"),
    ),
    severity="medium",
    needs=(Stream,),
    remediation="Set the retention period of the Kinesis stream (IncreaseStreamRetentionPeriod) to the required hours. "
    "On Azure this is retentionTimeInHours of the event hub; on Google Cloud messageRetentionDuration of the Pub/Sub "
    "topic.",
    equivalents={
        "prowler": ("kinesis_stream_data_retention_period",),
        "security_hub": ("Kinesis.3",),
    },
    judge=judge,
    params=(Param("minimum_hours", 168, "hours", "shortest time that a record stays"),),
)
