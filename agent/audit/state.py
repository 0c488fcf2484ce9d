"""Controls over a state: "all X are Y", looked at again and again, judged over every observation of a period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from agent.audit.conclusions import Conclusion
from agent.audit.coverage import Coverage, Gap, Grid, Unit, longest_gap_allowed
from agent.audit.intervals import Excused, FailingInterval, Waiver, by_unit, failing, flapping
from agent.audit.parameters import Parameters
from agent.audit.periods import CADENCE, CONTINUOUS, Calendar, Period, hours, iso, slots
from checks.api import Severity
from checks.library import Policy

_BEST_FIRST = (
    Conclusion.EFFECTIVE,
    Conclusion.EFFECTIVE_WITH_DEVIATIONS,
    Conclusion.UNABLE_TO_CONCLUDE,
    Conclusion.NOT_EFFECTIVE,
)
_HOLDS = frozenset(_BEST_FIRST[:2])
_DEFAULTS = Parameters()


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTest:
    """What is tested: one control as it stood over one period, or over one segment of it."""

    control: str
    period: Period
    frequency: str
    policy: Policy
    severity: Severity
    sla: int
    """Microseconds from detection to repair."""
    cadence: int = CADENCE
    """Microseconds between the slots of a continuous control."""
    calendar: Calendar | None = None
    """Of a control that is looked at weekly to annually."""
    parameters: Parameters = _DEFAULTS

    def grid(self) -> Grid:
        """The slots to judge it by.  Controls of one frequency and period should share one."""
        return Grid(slots(self.frequency, self.period, cadence=self.cadence, calendar=self.calendar))

    def to_json(self) -> dict[str, Any]:
        """What an evaluation stores, so that anybody can repeat it."""
        return {
            "control": self.control,
            "period": self.period.to_json(),
            "frequency": self.frequency,
            "cadence_hours": hours(self.cadence) if self.frequency == CONTINUOUS else None,
            "policy": self.policy.value,
            "severity": self.severity,
            "sla_hours": hours(self.sla),
            "parameters": self.parameters.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Compensation:
    """What another control concluded that was named, before the evaluation, to address the same risk."""

    control: str
    period: Period
    """Over which it was evaluated."""
    conclusion: Conclusion

    def holds(self, begins: int, ends: int) -> bool:
        """Whether it worked all through [begins, ends)."""
        return self.conclusion in _HOLDS and self.period.begins <= begins and ends <= self.period.ends


@dataclass(frozen=True, slots=True)
class Deviation:
    """A failing interval as the control's policy and severity see it."""

    interval: FailingInterval
    counted: bool
    """Whether it is a deviation by the control's own policy; it is listed in any case."""
    serious: bool
    """Whether it would make the control not effective on its own."""
    compensated_by: str
    """The control that made up for it; empty when none did."""

    def to_json(self) -> dict[str, Any]:
        """Every part."""
        return {
            **self.interval.to_json(),
            "counted": self.counted,
            "serious": self.serious,
            "compensated_by": self.compensated_by,
        }


@dataclass(frozen=True, slots=True)
class Missing:
    """A gap, and the units that have it in common."""

    gap: Gap
    groups: tuple[Sequence[str], ...]
    """Their ids; units with the same coverage are one group, and gaps share it."""

    @property
    def units(self) -> tuple[str, ...]:
        """Their ids."""
        return tuple(chain.from_iterable(self.groups))

    def to_json(self) -> dict[str, Any]:
        """Every part."""
        return {**self.gap.to_json(), "units": list(self.units)}


@dataclass(frozen=True, slots=True, kw_only=True)
class StateResult:
    """What the evidence says of a control over the period of its test."""

    test: StateTest
    conclusion: Conclusion
    reasons: tuple[str, ...]
    """Why, each with its number."""
    expected_slots: int
    covered_slots: int
    longest_gap: int
    """Of any one unit, in microseconds."""
    deviating_slots: int
    deviations: tuple[Deviation, ...]
    """Every failing interval that touches the period, counted or not."""
    excused: tuple[Excused, ...]
    refused_waivers: tuple[tuple[str, str], ...]
    """Waivers that excuse nothing, by id, and the rule that each one breaks."""
    gaps: tuple[Missing, ...]
    units: int
    units_failing: int
    """How many of them ever failed in the period, be it excused, in time or not."""
    units_unseen: tuple[str, ...]
    """Those with slots of which not a single one was covered."""
    least_covered: tuple[str, float] | None
    """The unit with the lowest coverage, which the coverage of all together may hide; None when all are whole."""
    flapping: tuple[str, ...]
    """Units that began to fail again and again."""

    @property
    def coverage(self) -> float | None:
        """Covered by expected unit-slots; None when nothing was expected."""
        return self.covered_slots / self.expected_slots if self.expected_slots else None

    @property
    def deviation_rate(self) -> float:
        """Deviating by covered unit-slots, over the whole population; 0 when nothing was covered."""
        return self.deviating_slots / self.covered_slots if self.covered_slots else 0.0

    @property
    def longest_exposure(self) -> int:
        """Microseconds that any unit may have failed at most, as far as that is bounded; else its age."""
        return max((_exposure(each.interval) for each in self.deviations), default=0)

    @property
    def unbounded(self) -> int:
        """How many failing intervals have no earlier observation or date that tells when they began at the earliest."""
        return sum(each.interval.exposure is None for each in self.deviations)

    def to_json(self) -> dict[str, Any]:
        """The whole result; rates as fractions, durations in hours."""
        return {
            "test": self.test.to_json(),
            "conclusion": self.conclusion.value,
            "reasons": list(self.reasons),
            "expected_slots": self.expected_slots,
            "covered_slots": self.covered_slots,
            "coverage": None if self.coverage is None else round(self.coverage, 6),
            "longest_gap_hours": hours(self.longest_gap),
            "deviating_slots": self.deviating_slots,
            "deviation_rate": round(self.deviation_rate, 6),
            "deviations": [each.to_json() for each in self.deviations],
            "excused": [each.to_json() for each in self.excused],
            "refused_waivers": [{"waiver": waiver, "because": why} for waiver, why in self.refused_waivers],
            "gaps": [each.to_json() for each in self.gaps],
            "units": self.units,
            "units_failing": self.units_failing,
            "units_unseen": list(self.units_unseen),
            "least_covered": self.least_covered
            and {"unit": self.least_covered[0], "coverage": round(self.least_covered[1], 6)},
            "longest_exposure_hours": hours(self.longest_exposure),
            "exposures_unbounded": self.unbounded,
            "flapping": list(self.flapping),
        }


def evaluate(
    test: StateTest,
    units: Iterable[Unit],
    *,
    grid: Grid | None = None,
    waivers: Iterable[Waiver] = (),
    compensations: Collection[Compensation] = (),
) -> StateResult:
    """The conclusion on a control over its period, with all that it rests on.

    `grid` is `test.grid()`, passed in by whoever evaluates several controls over the same slots; ValueError when it is
    another period's.
    """
    grid = test.grid() if grid is None else grid
    if grid.slots.period != test.period:
        raise ValueError(f"{test.control}: the slots are those of another period")
    rules = [(each, each.broken_rule(test.parameters)) for each in waivers]
    granted = by_unit(each for each, broken in rules if not broken)
    tally = _Tally()
    for unit in units:
        tally.add(unit.id, grid.coverage(unit))
        if not unit.ever_failed:
            continue
        found = failing(unit, test.period, test.sla, granted.get(unit.id, ()))
        judged = [_deviation(test, each, compensations) for each in found.intervals]
        tally.deviations += judged
        tally.excused += found.excused
        counted = [(each.interval.detected_at, each.interval.until) for each in judged if each.counted]
        if counted:
            tally.deviating += grid.deviating(unit, counted)
    conclusion, reasons = _conclude(test, tally)
    return StateResult(
        test=test,
        conclusion=conclusion,
        reasons=tuple(reasons),
        expected_slots=tally.expected,
        covered_slots=tally.covered,
        longest_gap=tally.longest,
        deviating_slots=tally.deviating,
        deviations=tuple(sorted(tally.deviations, key=lambda each: (each.interval.detected_at, each.interval.unit))),
        excused=tuple(tally.excused),
        refused_waivers=tuple((each.id, broken) for each, broken in rules if broken),
        gaps=tuple(tally.gaps()),
        units=tally.units,
        units_failing=len(tally.failing()),
        units_unseen=tuple(tally.unseen),
        least_covered=tally.least,
        flapping=tuple(tally.flapping(test.parameters)),
    )


def worst(conclusions: Iterable[Conclusion]) -> Conclusion:
    """The conclusion over a period whose segments concluded this: that of the worst one.

    A segment in which the control never had to operate says nothing; when none had to, neither had the whole.  Raises
    ValueError for an interim answer, which is no conclusion.
    """
    given = list(conclusions)
    if interim := [each for each in given if each.interim]:
        raise ValueError(f"{interim[0]}: is a request for more tests; conclude before segments are compared")
    operated = [each for each in given if each is not Conclusion.NOT_OPERATED]
    return max(operated, key=_BEST_FIRST.index, default=Conclusion.NOT_OPERATED)


class _Tally:
    """What all units add up to."""

    def __init__(self) -> None:
        self.units = self.expected = self.covered = self.longest = self.deviating = 0
        self.deviations: list[Deviation] = []
        self.excused: list[Excused] = []
        self.unseen: list[str] = []
        self.least: tuple[str, float] | None = None
        self._incomplete: dict[int, tuple[Coverage, list[str]]] = {}

    def add(self, unit_id: str, coverage: Coverage) -> None:
        """Count one unit's slots."""
        self.units += 1
        self.expected += coverage.expected
        self.covered += coverage.covered
        if not coverage.gaps:
            return
        # Units that share a coverage object are collected under it, and their gaps are told once.
        if (known := self._incomplete.get(id(coverage))) is None:
            known = self._incomplete[id(coverage)] = coverage, []
            self.longest = max(self.longest, coverage.longest)
            ratio = coverage.covered / coverage.expected
            if self.least is None or ratio < self.least[1]:
                self.least = unit_id, ratio
        known[1].append(unit_id)
        if not coverage.covered:
            self.unseen.append(unit_id)

    def gaps(self) -> Iterator[Missing]:
        """Each gap with its units, in the order of time."""
        # A gap of shared reads is one object in the coverage of all their units.  There may be thousands of gaps and of
        # coverages: groups of units are put on a gap as they are, and told apart by identity before by value.
        same: dict[int, tuple[Gap, list[list[str]]]] = {}
        for coverage, names in self._incomplete.values():
            for gap in coverage.gaps:
                same.setdefault(id(gap), (gap, []))[1].append(names)
        equal: dict[Gap, list[list[str]]] = defaultdict(list)
        for gap, groups in same.values():
            equal[gap] += groups
        for gap in sorted(equal, key=lambda each: (each.begins, each.ends, each.reason, each.scan_unit)):
            yield Missing(gap, tuple(equal[gap]))

    def failing(self) -> set[str]:
        """The units that failed in the period, excused or not."""
        return {each.interval.unit for each in self.deviations} | {each.unit for each in self.excused}

    def flapping(self, parameters: Parameters) -> Iterator[str]:
        """The units that began to fail again and again, over all of their lives."""
        found: dict[str, list[FailingInterval]] = defaultdict(list)
        for each in self.deviations:
            found[each.interval.unit].append(each.interval)
        return (unit_id for unit_id, intervals in found.items() if flapping(intervals, parameters))


def _deviation(test: StateTest, interval: FailingInterval, compensations: Collection[Compensation]) -> Deviation:
    """What a failing interval means by the control's policy and severity."""
    counted = test.policy is Policy.STRICT or interval.timeliness.late
    begins = max(interval.detected_at, test.period.begins)
    by = next((each.control for each in compensations if each.holds(begins, interval.until)), "")
    return Deviation(interval, counted, not by and _weighs(test, interval), by)


def _weighs(test: StateTest, interval: FailingInterval) -> bool:
    """Whether the failing is so grave that a single one matters, unless something made up for it."""
    late = interval.timeliness.late
    if test.severity == "critical":
        return late
    if test.severity == "high":
        return (late and interval.ended_at is None) or interval.age > test.parameters.serious_age_factor * test.sla
    return False


def _conclude(test: StateTest, tally: _Tally) -> tuple[Conclusion, list[str]]:
    """The conclusion and why.

    Proven failures go before missing evidence, which must not hide them.  The same holds where nothing was expected:
    a unit that lived for less than a slot and failed all the while leaves a conclusion open, and is no proof that the
    control never had to operate.
    """
    limits = test.parameters
    counted = [each for each in tally.deviations if each.counted]
    if not tally.expected and not counted:
        return Conclusion.NOT_OPERATED, ["no unit was in scope for a whole slot"]
    if grave := list(_grave(test, tally, counted)):
        return Conclusion.NOT_EFFECTIVE, grave
    if unknown := list(_unknown(test, tally)):
        return Conclusion.UNABLE_TO_CONCLUDE, unknown
    clean = f"{tally.covered} of {tally.expected} unit-slots were observed"
    if not counted:
        return Conclusion.EFFECTIVE, [f"{clean}, and none deviates"]
    share = f"{_percent(tally.deviating, tally.covered)} of them deviate, of {limits.tolerable_rate:.2%} tolerable"
    return Conclusion.EFFECTIVE_WITH_DEVIATIONS, [f"{clean}; {share}", f"deviations: {len(counted)}"]


def _grave(test: StateTest, tally: _Tally, counted: Sequence[Deviation]) -> Iterator[str]:
    """Why the control is not effective, if it is not."""
    tolerable = test.parameters.tolerable_rate
    if tally.covered and tally.deviating / tally.covered > tolerable:
        share = _percent(tally.deviating, tally.covered)
        yield f"{share} of {tally.covered} covered unit-slots deviate; {tolerable:.2%} are tolerable"
    for each in counted:
        if each.serious:
            found, status = each.interval, each.interval.timeliness.replace("_", " ")
            yield (
                f"{found.unit} failed from {iso(found.detected_at)}, {status}: {hours(found.age):g} h of "
                f"{hours(found.sla):g} h allowed, {test.severity} severity, nothing compensates"
            )


def _unknown(test: StateTest, tally: _Tally) -> Iterator[str]:
    """Why nothing can be concluded, if so."""
    limits = test.parameters
    if not tally.expected:
        yield "units failed that were not in scope for a whole slot"
    elif tally.covered / tally.expected < limits.coverage_min:
        share = _percent(tally.covered, tally.expected)
        yield f"{share} of {tally.expected} expected unit-slots were observed; {limits.coverage_min:.2%} are needed"
    allowed = longest_gap_allowed(test.frequency, limits)
    if tally.longest > allowed:
        yield f"the longest gap of one unit lasts {hours(tally.longest):g} h; {hours(allowed):g} h are allowed"


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.2%}"


def _exposure(interval: FailingInterval) -> int:
    return interval.age if interval.exposure is None else interval.exposure
