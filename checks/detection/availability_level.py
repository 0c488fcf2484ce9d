"""The measured availability is what customers were promised."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
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
)
from checks.thresholds import number
from collectors.facts.availability import MeasuredAvailability
from collectors.facts.core import Unread


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per measured service."""
    minimum = number(params, "minimum_percent")
    for measured in facts.of(MeasuredAvailability):
        time = f"in {measured.days} days"
        if isinstance(measured.percent, Unread):
            yield unknown(measured, measured.percent)
        elif measured.percent is None:
            yield not_applicable(measured, f"nothing was measured {time}")
        elif measured.percent < minimum:
            yield fails(
                measured, f"{_percent(measured.percent)} of tests went well {time}, less than {minimum} percent"
            )
        else:
            yield passes(measured, f"at least {minimum} percent of tests went well {time}")


def _percent(value: float) -> str:
    """Cut, not rounded, so that it never looks like more than it is."""
    return f"{int(value * 100) / 100} percent"


CHECK = Check(
    id="detection.availability_level",
    title="Measured availability is what was promised",
    criteria=(
        Criterion("A1.1", PARTIAL, "shortages show in the measured level"),
        Criterion("CC2.3", SUPPORTING, "customers can learn how the company keeps its word"),
    ),
    severity="high",
    needs=(MeasuredAvailability,),
    remediation="Find out why tests failed, and mend the service or the test.",
    equivalents={},
    judge=judge,
    params=(Param("minimum_percent", 99.9, "percent", "smallest share of tests that go well"),),
)
