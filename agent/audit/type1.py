"""Type I: is each control suitably designed, and in place, at one instant.

Nothing here speaks of operation over time: no coverage, no rate, no sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from agent.audit.coverage import Status
from agent.audit.parameters import HOUR, Parameters


class TypeOne(StrEnum):
    """What can be said of one control at one instant."""

    DESIGNED_AND_IMPLEMENTED = "designed_and_implemented"
    DESIGN_DEFICIENCY = "design_deficiency"
    NOT_IMPLEMENTED = "not_implemented"
    UNABLE_TO_CONCLUDE = "unable_to_conclude"


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Which parts of a control's design are written down."""

    description: bool
    owner: bool
    criteria: bool
    frequency: bool
    pass_rule_or_procedure: bool
    approved: bool

    def missing(self) -> tuple[str, ...]:
        """Names of the parts that are not."""
        return tuple(each.name for each in fields(self) if not getattr(self, each.name))


@dataclass(frozen=True, slots=True)
class TypeOneResult:
    """The result for one control, with the units or parts behind it."""

    result: TypeOne
    reason: str
    units: tuple[str, ...] = ()
    """The units, or the parts of the design, that made the result what it is."""

    def to_json(self) -> dict[str, Any]:
        """Every part, as an evaluation stores and shows it."""
        return {"result": self.result.value, "reason": self.reason, "units": list(self.units)}


def automated(
    design: Design,
    as_of: int,
    cadence: int,
    observations: Mapping[str, Sequence[tuple[int, Status]]],
    parameters: Parameters,
) -> TypeOneResult:
    """Judge a control that checks test.

    `observations` are (instant, status) of each unit, in any order;
    `cadence` is the time between two scans in microseconds.  The newest decisive observation of each unit in the
    window up to `as_of` counts.  One failing unit is enough for NOT_IMPLEMENTED, one unseen unit for no conclusion.
    """
    if parts := design.missing():
        return _deficient(parts)
    opens = as_of - max(parameters.type1_hours * HOUR, parameters.type1_cadences * cadence)
    newest = {unit: _newest(seen, opens, as_of) for unit, seen in observations.items()}
    if failing := tuple(unit for unit, status in newest.items() if status is Status.FAIL):
        return TypeOneResult(TypeOne.NOT_IMPLEMENTED, "the newest observation fails", failing)
    if unseen := tuple(unit for unit, status in newest.items() if status is None):
        return TypeOneResult(TypeOne.UNABLE_TO_CONCLUDE, "no decisive observation is recent enough", unseen)
    if Status.PASS not in newest.values():
        return TypeOneResult(TypeOne.UNABLE_TO_CONCLUDE, "nothing was there to be tested", tuple(newest))
    return TypeOneResult(TypeOne.DESIGNED_AND_IMPLEMENTED, "every newest observation passes")


def _newest(seen: Sequence[tuple[int, Status]], opens: int, as_of: int) -> Status | None:
    recent = [(instant, status) for instant, status in seen if opens <= instant <= as_of and status is not Status.ERROR]
    if not recent:
        return None
    last = max(instant for instant, _ in recent)
    # Two observations of one instant: the worse one is not hidden.
    statuses = {status for instant, status in recent if instant == last}
    return next(status for status in (Status.FAIL, Status.PASS, Status.NA) if status in statuses)


def periodic(design: Design, as_of: int, performed: Sequence[int], first_due: int | None) -> TypeOneResult:
    """Judge a control that people operate from time to time.

    `performed` are the instants of reliable operations, `first_due` is the first due instant under the design in
    force.  One operation shows it in place; before it is first due, the approved procedure does.
    """
    if parts := design.missing():
        return _deficient(parts)
    if any(instant <= as_of for instant in performed):
        return TypeOneResult(TypeOne.DESIGNED_AND_IMPLEMENTED, "it was performed")
    if first_due is not None and first_due > as_of:
        reason = "its procedure is approved, and it is not due yet"
        return TypeOneResult(TypeOne.DESIGNED_AND_IMPLEMENTED, reason)
    return TypeOneResult(TypeOne.UNABLE_TO_CONCLUDE, "no reliable evidence shows that it was ever performed")


def _deficient(parts: tuple[str, ...]) -> TypeOneResult:
    reason = f"the design lacks {', '.join(parts).replace('_', ' ')}"
    return TypeOneResult(TypeOne.DESIGN_DEFICIENCY, reason, parts)
