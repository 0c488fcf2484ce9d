"""Flow logs that keep records of their own keep them long enough."""

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
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from checks.thresholds import number
from collectors.facts.core import Unread
from collectors.facts.network import FlowRecord


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per network; one without any flow log is the matter of another check."""
    minimum = number(params, "minimum_days")
    for record in facts.of(FlowRecord):
        days = record.retention_days
        if record.recorded is False:
            yield not_applicable(record, "no working flow log records traffic")
        elif gaps := unread_in(record.recorded, days):
            yield unknown(record, *gaps)
        elif days is None or isinstance(days, Unread):
            yield passes(record, "records of traffic are never deleted")
        elif days < minimum:
            yield fails(record, f"records of traffic are kept for {days} days, less than {minimum} days")
        else:
            yield passes(record, f"records of traffic are kept for {days} days")


CHECK = Check(
    id="audit_trail.flow_log_retention",
    title="Flow logs are kept for a year",
    criteria=(
        Criterion("CC7.2", PARTIAL, "a slow attack shows only against old traffic"),
        Criterion("CC7.3", PARTIAL, "an event found late can still be judged from its traffic"),
    ),
    severity="medium",
    needs=(FlowRecord,),
    remediation="Set the retention of the flow log to the required number of days, or to 0 to keep records for ever: "
    "on Azure, Network Watcher, Flow logs, Retention.",
    equivalents={"prowler": ("network_flow_log_more_than_90_days",)},
    judge=judge,
    params=(Param("minimum_days", 365, "days", "shortest time that records of traffic are kept"),),
)
