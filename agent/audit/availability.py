"""Availability against a service commitment, in minutes of the period measured."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from agent.audit.parameters import Parameters


class Met(StrEnum):
    """Whether a commitment was kept."""

    PASS = "pass"
    FAIL = "fail"
    UNABLE_TO_CONCLUDE = "unable_to_conclude"


@dataclass(frozen=True, slots=True)
class Availability:
    """How available a service was over the minutes that count."""

    counted_minutes: int
    """Neither agreed maintenance nor unmeasured."""
    down_minutes: int
    unmeasured_minutes: int
    percent: float | None
    """Of the counted minutes; None when none counts."""
    target_percent: float
    result: Met

    def to_json(self) -> dict[str, Any]:
        """Every part, as an evaluation stores and shows it."""
        return {
            "counted_minutes": self.counted_minutes,
            "down_minutes": self.down_minutes,
            "unmeasured_minutes": self.unmeasured_minutes,
            "percent": self.percent,
            "target_percent": self.target_percent,
            "result": self.result.value,
        }


def availability(
    *, total: int, maintenance: int, unmeasured: int, down: int, target_percent: float, parameters: Parameters
) -> Availability:
    """Compare the share of minutes that a service was up with its target.

    Agreed maintenance does not count.  Unmeasured minutes are neither up nor down.  Where they are more than
    coverage allows, a target is broken only when it would be with all of them up, and never kept.
    Raises ValueError when the parts exceed the whole.
    """
    counted = total - maintenance - unmeasured
    if min(total, maintenance, unmeasured, down) < 0 or down > counted:
        raise ValueError(f"{down} minutes down of {counted} counted: the parts exceed the {total} minutes of the whole")
    percent = 100 * (counted - down) / counted if counted else None
    if percent is None or counted < parameters.coverage_min * (counted + unmeasured):
        at_best = 100 * (counted + unmeasured - down) / (counted + unmeasured) if counted + unmeasured else 100.0
        result = Met.FAIL if at_best < target_percent else Met.UNABLE_TO_CONCLUDE
    else:
        result = Met.PASS if percent >= target_percent else Met.FAIL
    return Availability(counted, down, unmeasured, percent, target_percent, result)
