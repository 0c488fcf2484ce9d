"""Periodic controls: what people did, week by week or year by year, against the slots in which it was due.

Operations meet slots in three passes over all slots: inside the slot's own window, taking the newest; then in the
grace after it was due; then late, before the next one is due, taking the oldest.  One operation serves one slot.  A
slot that is named on the record decides which of the slots in reach it serves, but stretches no window: four reviews
of one day cannot stand for four quarters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from agent.audit.clocks import backdated
from agent.audit.conclusions import Conclusion
from agent.audit.parameters import DAY, Parameters
from agent.audit.periods import Calendar, Period, iso

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LABELS: dict[str, Callable[[datetime], str]] = {
    "weekly": lambda day: f"{day:%G-W%V}",
    "monthly": lambda day: f"{day:%Y-%m}",
    "quarterly": lambda day: f"{day:%Y}-Q{(day.month + 2) // 3}",
    "semiannual": lambda day: f"{day:%Y}-H{(day.month + 5) // 6}",
    "annual": lambda day: f"{day:%Y}",
}


class Result(StrEnum):
    """How one slot was served."""

    ON_TIME = "on_time"
    WITHIN_GRACE = "within_grace"
    """A note, no deviation."""
    LATE = "late"
    MISSED = "missed"
    UNVERIFIED = "unverified"
    """Something was done, and its evidence is not reliable."""
    BEFORE_PERIOD = "before_period"
    """Done before the period began, so the period does not expect it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One time that somebody performed a control, as a record claims it."""

    id: str
    """Of its evidence."""
    performed_at: int
    slot: str = ""
    """Label of the slot that it was done for, as the record says; empty when it says nothing."""
    reliable: bool = True
    """Whether the evidence is complete and accurate enough to count."""
    earliest_trace: int | None = None
    """The first instant at which a system knew of it, such as the creation of the file."""


@dataclass(frozen=True, slots=True)
class SlotResult:
    """One slot, and the operation that served it."""

    label: str
    opens: int
    due: int
    result: Result
    if_reliable: Result
    """What the result would be if the evidence were reliable; differs from `result` when that is UNVERIFIED."""
    operation: Operation | None

    def to_json(self) -> dict[str, Any]:
        """Every part, as an evaluation stores and shows it."""
        return {
            "slot": self.label,
            "opens": iso(self.opens),
            "due": iso(self.due),
            "result": self.result.value,
            "if_reliable": self.if_reliable.value,
            "operation": self.operation and self.operation.id,
            "performed_at": self.operation and iso(self.operation.performed_at),
        }


@dataclass(frozen=True, slots=True)
class Unused:
    """An operation that served no slot, and why."""

    operation: Operation
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Every part, as an evaluation stores and shows it."""
        performed_at = iso(self.operation.performed_at)
        return {"operation": self.operation.id, "performed_at": performed_at, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class PeriodicResult:
    """The conclusion on one periodic control, with each slot behind it."""

    expected: int
    """Slots that the period asks for, without those that were served before it began."""
    slots: tuple[SlotResult, ...]
    unused: tuple[Unused, ...]
    conclusion: Conclusion
    reason: str

    def counts(self) -> dict[str, int]:
        """Slots by result."""
        return {each.value: sum(slot.result is each for slot in self.slots) for each in Result}

    def to_json(self) -> dict[str, Any]:
        """Every part, as an evaluation stores and shows it."""
        return {
            "expected": self.expected,
            "counts": self.counts(),
            "slots": [slot.to_json() for slot in self.slots],
            "unused": [each.to_json() for each in self.unused],
            "conclusion": self.conclusion.value,
            "reason": self.reason,
        }


def slot_label(calendar: Calendar, window: Period) -> str:
    """Name of a slot after the week, month, quarter, half or year of the calendar in which it ends.

    `window` is what `calendar.windows` gives: it ends when the slot is due.
    """
    last = _EPOCH + timedelta(microseconds=window.ends - calendar.offset - 1)
    return _LABELS[calendar.frequency](last.astimezone(ZoneInfo(calendar.zone)))


def conclude(
    calendar: Calendar, period: Period, operations: Iterable[Operation], parameters: Parameters
) -> PeriodicResult:
    """Match the operations with the slots that are due in the period, and conclude.

    Only operations inside the period count, and back-dated ones never.  With unverified slots the conclusion is drawn
    twice, once as if they were done and once as if they were missed, and stands only if both agree.
    """
    unused: list[Unused] = []
    usable: list[Operation] = []
    for each in sorted(operations, key=lambda operation: (operation.performed_at, operation.id)):
        if backdated(each.performed_at, each.earliest_trace, parameters):
            unused.append(Unused(each, f"back-dated: claims to be over {parameters.backdating_days} days older"))
        elif each.performed_at >= period.ends:
            unused.append(Unused(each, "performed after the period"))
        else:
            usable.append(each)
    slots, left = _match(calendar, period, usable, parameters)
    unused.extend(Unused(each, _why_left(each, period, slots)) for each in left)
    done = _judge([slot.if_reliable for slot in slots], parameters)
    missed = _judge([_if_missed(slot.result) for slot in slots], parameters)
    expected = sum(slot.result is not Result.BEFORE_PERIOD for slot in slots)
    conclusion = done if done is missed else Conclusion.UNABLE_TO_CONCLUDE
    reason = _reason(expected, slots, done, missed)
    return PeriodicResult(expected, slots, tuple(unused), conclusion, reason)


def _match(
    calendar: Calendar, period: Period, operations: Sequence[Operation], parameters: Parameters
) -> tuple[tuple[SlotResult, ...], tuple[Operation, ...]]:
    """Each slot with its operation, and the operations that are left; `operations` are in order of time."""
    windows = tuple(calendar.windows(period))
    labels = [slot_label(calendar, window) for window in windows]
    grace = parameters.grace_days.of(calendar.frequency) * DAY
    free = list(operations)
    served: dict[int, tuple[Result, Operation]] = {}
    for result in (Result.ON_TIME, Result.WITHIN_GRACE, Result.LATE):
        for number, window in enumerate(windows):
            if number in served:
                continue
            next_due = windows[number + 1].ends if number + 1 < len(windows) else period.ends
            opens, closes = {
                Result.ON_TIME: (window.begins, window.ends),
                Result.WITHIN_GRACE: (window.ends, min(window.ends + grace, next_due)),
                Result.LATE: (window.ends + grace, next_due),
            }[result]
            fitting = [op for op in free if opens <= op.performed_at < closes and op.slot in {"", labels[number]}]
            if fitting:
                chosen = _best(fitting, newest=result is Result.ON_TIME)
                free.remove(chosen)
                before = chosen.performed_at < period.begins
                served[number] = (Result.BEFORE_PERIOD if before else result, chosen)
    return tuple(
        _slot(label, window, served.get(number))
        for number, (label, window) in enumerate(zip(labels, windows, strict=True))
    ), tuple(free)


def _best(fitting: Sequence[Operation], *, newest: bool) -> Operation:
    """The one that names the slot and is reliable, then by time."""
    sign = 1 if newest else -1
    return max(fitting, key=lambda op: (bool(op.slot), op.reliable, sign * op.performed_at))


def _slot(label: str, window: Period, served: tuple[Result, Operation] | None) -> SlotResult:
    result, operation = served or (Result.MISSED, None)
    shown = Result.UNVERIFIED if operation and not operation.reliable else result
    return SlotResult(label, window.begins, window.ends, shown, result, operation)


def _why_left(operation: Operation, period: Period, slots: Sequence[SlotResult]) -> str:
    if operation.slot and operation.slot not in {slot.label for slot in slots}:
        return f"names slot {operation.slot}, which is not due in the period"
    if operation.performed_at < period.begins:
        return "performed before the period"
    return "every slot in reach was served by another operation"


def _if_missed(result: Result) -> Result:
    return Result.MISSED if result is Result.UNVERIFIED else result


def _judge(results: Iterable[Result], parameters: Parameters) -> Conclusion:
    asked = [result for result in results if result is not Result.BEFORE_PERIOD]
    expected, missed, late = len(asked), asked.count(Result.MISSED), asked.count(Result.LATE)
    if not expected:
        return Conclusion.NOT_OPERATED
    if expected <= parameters.few_slots:
        too_many = missed > 0
    elif expected <= parameters.some_slots:
        too_many = missed >= parameters.some_slots_missed
    else:
        too_many = missed / expected > parameters.tolerable_rate
    if too_many or late / expected > parameters.late_share:
        return Conclusion.NOT_EFFECTIVE
    return Conclusion.EFFECTIVE_WITH_DEVIATIONS if missed or late else Conclusion.EFFECTIVE


def _reason(expected: int, slots: Sequence[SlotResult], done: Conclusion, missed: Conclusion) -> str:
    if not expected:
        return "nothing was due in the period"
    counted = [(each, sum(slot.result is each for slot in slots)) for each in Result]
    words = ", ".join(f"{number} {each.value.replace('_', ' ')}" for each, number in counted if number)
    if done is missed:
        return f"{expected} due: {words}"
    return f"{expected} due: {words}; {done.value} if the unverified ones count, {missed.value} if they do not"
