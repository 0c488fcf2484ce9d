"""Flow logs can be searched, and are not only archived."""

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
from collectors.facts.network import FlowRecord


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per network; one without any flow log is the matter of another check."""
    for record in facts.of(FlowRecord):
        if record.recorded is False:
            yield not_applicable(record, "no working flow log records traffic")
        elif gaps := unread_in(record.recorded, record.searchable_in):
            yield unknown(record, *gaps)
        elif record.searchable_in is None:
            yield fails(record, "traffic is recorded, but goes to no log store")
        else:
            yield passes(record, f"traffic is analyzed in {record.searchable_in}")


CHECK = Check(
    id="audit_trail.flow_log_searchable",
    title="Flow logs can be searched",
    criteria=(
        Criterion("CC7.2", PARTIAL, "unusual traffic is seen only where somebody or something looks at it"),
        Criterion("CC7.3", PARTIAL, "whoever judges an event can search its traffic"),
    ),
    severity="medium",
    needs=(FlowRecord,),
    remediation="Send the flow log to a log store: on Azure, turn on traffic analytics with a Log Analytics workspace.",
    equivalents={"prowler": ("network_flow_log_captured_sent",)},
    judge=judge,
)
