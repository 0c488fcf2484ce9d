"""What people did for a control, against the slots in which it was due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.attest import Attestation, Weakness
from agent.audit import clocks, periodic
from agent.audit.conclusions import Conclusion
from agent.audit.parameters import DAY, Parameters
from agent.audit.periodic import Operation, PeriodicResult
from agent.audit.periods import Calendar, Period
from checks.library import WITH_SLOTS, Control, DueRule

if TYPE_CHECKING:
    from agent.evaluation.events import Occurred

_BUSINESS, _WEEK = 5, 7


@dataclass(frozen=True, slots=True)
class People:
    """What the attestations say of a control over a period."""

    conclusion: Conclusion
    reasons: tuple[str, ...]
    slots: PeriodicResult | None
    """None when this tool has no way to tell how often it had to be done."""
    notes: tuple[str, ...]
    events: Occurred | None = None
    """What became of each occasion; None for a control that has slots, or that nothing lists the occasions of."""


def conclude(
    control: Control, period: Period, evidence: Iterable[Attestation], parameters: Parameters, sealed_at: int | None
) -> People:
    """Match the attestations of a control with its slots.

    `sealed_at` is when the evidence of the period was sealed; what came later is told as an addition.
    """
    own = [each for each in evidence if each.control == control.id]
    told = tuple(notes(own, period, parameters, sealed_at))
    if control.frequency not in WITH_SLOTS:
        held = sum(period.holds(each.performed_at) for each in own)
        why = (
            f"{control.frequency} control of people: it names no population, so nothing lists the occasions on which "
            f"it had to operate, and {held} attestations of the period cannot show that none is missing"
        )
        return People(Conclusion.UNABLE_TO_CONCLUDE, (why,), None, told)
    calendar = calendar_of(control)
    found = periodic.conclude(
        calendar, period, (operation(each, parameters) for each in own), _with_grace(control, parameters)
    )
    return People(found.conclusion, (found.reason,), found, told)


def calendar_of(control: Control) -> Calendar:
    """When the control is due.  Raises ValueError for a frequency that has no slots."""
    rule = control.due_rule or DueRule(days=0)
    days = rule.days
    if rule.business:  # no day of the week is known before the slot is: whole weeks, rounded up
        days += (_WEEK - _BUSINESS) * -(-rule.days // _BUSINESS)
    return Calendar(frequency=control.frequency.value, fiscal_month=rule.fiscal_month, offset=days * DAY)


def operation(each: Attestation, parameters: Parameters) -> Operation:
    """One attestation as the engine takes it: unreliable when nobody reviewed it, or nothing but a word shows it."""
    weak = {Weakness.INQUIRY, Weakness.NOT_REVIEWED, Weakness.BROKEN} & set(each.weaknesses)
    return Operation(
        id=each.id,
        performed_at=each.performed_at,
        slot=each.slot,
        reliable=not weak and _admission(each, parameters).counts,
        earliest_trace=each.trace,
    )


def _admission(each: Attestation, parameters: Parameters) -> clocks.Admission:
    # A trace in time is what proves evidence that came late; the trace is never younger than the record itself.
    traced = clocks.admit(clocks.Source.MANUAL, each.performed_at, each.trace, parameters, proven=False)
    return clocks.admit(clocks.Source.MANUAL, each.performed_at, each.recorded_at, parameters, proven=traced.counts)


def notes(own: Iterable[Attestation], period: Period, parameters: Parameters, sealed_at: int | None) -> Iterator[str]:
    """What an auditor should know of each attestation of the period."""
    for each in own:
        if not period.holds(each.performed_at):
            continue
        for weakness in each.weaknesses:
            yield f"{each.id}: {weakness.value}"
        if reason := _admission(each, parameters).reason:
            yield f"{each.id}: late: {reason}"
        if sealed_at is not None and each.recorded_at > sealed_at:
            yield f"{each.id}: added after the evidence of the period was sealed"


def _with_grace(control: Control, parameters: Parameters) -> Parameters:
    """The parameters with the control's own days of grace."""
    if control.due_rule is None or control.due_rule.grace_days is None:
        return parameters
    days = {control.frequency.value: control.due_rule.grace_days}
    return replace(parameters, grace_days=replace(parameters.grace_days, **days))
