"""What was looked at and what was not: observations of each unit against the slots in which one is expected.

A unit is anything that is judged on its own: a resource, a principal, an account.  Its observations are kept in
run-length form: the verdict changes at few instants and holds at every run in between.  Units that the same runs
looked at share one `Reads`, so what those runs cover is worked out once, however many units there are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from math import inf
from typing import Any, NamedTuple, TypeAlias

from agent.audit.parameters import DAY, HOUR, Parameters
from agent.audit.periods import CONTINUOUS, Slots, hours, iso
from collectors.facts.core import Reason


class Status(StrEnum):
    """What an observation says.  All but `error` are decisive; `error` is neither pass nor fail but missing."""

    PASS = "pass"
    FAIL = "fail"
    NA = "na"
    """A complete listing shows that there is nothing to test."""
    ERROR = "error"


Change: TypeAlias = tuple[int, Status]
"""From this instant on, every run says this of the unit, until the next change."""

Stretch: TypeAlias = tuple[int, float, Status]
"""[begins, ends) in which a status holds; the end is infinite when nothing follows."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why reads gave no answer for a while, and what was said first and last."""

    begins: int
    ends: int
    reason: Reason
    first_error: str = ""
    """SHA-256, in hex, of the first error's text; empty when nothing answered at all."""
    last_error: str = ""


@dataclass(frozen=True, eq=False)
class Reads:
    """The runs that read one scan unit (cloud, account, region, service), shared by all that they looked at."""

    runs: tuple[int, ...]
    """The instants at which the reads answered, in order, each once."""
    failures: tuple[Failure, ...] = ()
    """When they did not.  They explain gaps; what makes a gap is that no run answered."""
    scan_unit: str = ""

    @classmethod
    def of(cls, runs: Iterable[int], failures: Iterable[Failure] = (), scan_unit: str = "") -> Reads:
        """From all runs, in any order: those inside a failure gave no answer."""
        failed = sorted(failures, key=_begins)
        answered: list[int] = []
        number, until = 0, -inf
        for run in sorted(set(runs)):
            while number < len(failed) and failed[number].begins <= run:
                until = max(until, failed[number].ends)
                number += 1
            if run >= until:
                answered.append(run)
        return cls(tuple(answered), tuple(failed), scan_unit)


class Unit(NamedTuple):
    """One test unit, and what the runs said of it.

    Something that was deleted and made again is two units of the same id, one for each life.  A named tuple, which is
    made in half the time of a frozen dataclass: there may be hundreds of thousands.
    """

    id: str
    changes: tuple[Change, ...]
    """In order, each at a run or before the first one (carried in); before the first change nothing was observed."""
    reads: Reads
    begins: int | None = None
    """When the provider created it; None when it is older than all that is known."""
    ends: int | None = None
    """When it was deleted, if it was."""
    began: tuple[tuple[int, int], ...] = ()
    """(first failing observation, exact instant of the provider's change event) where such an event is known."""
    failures: tuple[Failure, ...] = ()
    """Why this unit alone had no decisive verdict for a while."""

    @property
    def ever_failed(self) -> bool:
        """Whether any observation failed, be it before or after the period in question."""
        return self._ever(Status.FAIL)

    @property
    def always_decisive(self) -> bool:
        """Whether every observation was a decision."""
        return not self._ever(Status.ERROR)

    def _ever(self, status: Status) -> bool:
        # A plain loop: this is asked of every pair, and a generator costs more than the one or two steps it takes.
        for change in self.changes:  # noqa: SIM110
            if change[1] is status:
                return True
        return False

    def stretches(self) -> Iterator[Stretch]:
        """The status in force, one stretch after the other, within the unit's life."""
        until: float = inf if self.ends is None else self.ends
        for number, (begins, status) in enumerate(self.changes):
            ends = self.changes[number + 1][0] if number + 1 < len(self.changes) else until
            if begins < (ends := min(ends, until)):
                yield begins, ends, status


def from_observations(
    unit_id: str,
    observations: Iterable[Change],
    *,
    begins: int | None = None,
    ends: int | None = None,
    scan_unit: str = "",
    failures: Iterable[Failure] = (),
) -> Unit:
    """The run-length form of one unit's observations, in any order; of two at one instant the later given counts."""
    given = dict(sorted(observations, key=lambda each: each[0]))
    changes: list[Change] = []
    for instant, status in given.items():
        if not changes or changes[-1][1] is not status:
            changes.append((instant, status))
    return Unit(unit_id, tuple(changes), Reads(tuple(given), tuple(failures), scan_unit), begins, ends)


@dataclass(frozen=True, slots=True)
class Gap:
    """A maximal run of expected slots without a decisive observation."""

    begins: int
    ends: int
    slots: int
    reason: Reason
    scan_unit: str = ""
    first_error: str = ""
    last_error: str = ""

    @property
    def length(self) -> int:
        """Microseconds."""
        return self.ends - self.begins

    def to_json(self) -> dict[str, Any]:
        """Every part, with the length in hours."""
        return {
            "begins": iso(self.begins),
            "ends": iso(self.ends),
            "hours": hours(self.length),
            "slots": self.slots,
            "reason": self.reason.value,
            "scan_unit": self.scan_unit,
            "first_error": self.first_error,
            "last_error": self.last_error,
        }


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one unit: the slots in which it should have been observed, and those in which it was."""

    expected: int
    covered: int
    gaps: tuple[Gap, ...]
    longest: int
    """Length of the longest gap in microseconds; 0 without one."""

    @property
    def ratio(self) -> float | None:
        """Covered by expected; None when nothing was expected."""
        return self.covered / self.expected if self.expected else None


def longest_gap_allowed(frequency: str, parameters: Parameters) -> int:
    """Microseconds that a gap may last before nothing can be concluded any more."""
    if frequency in {CONTINUOUS, "hourly"}:
        return parameters.longest_gap_hourly_hours * HOUR
    return parameters.longest_gap_daily_days * DAY


@dataclass(frozen=True, eq=False)
class _Lit:
    """What the runs of one `Reads` cover of the slots, whichever unit they look at."""

    reads: Reads
    slots: Slots

    @cached_property
    def slot_of(self) -> Sequence[int]:
        """For each run of the period, the number of its slot."""
        edges, slot, found = self.slots.edges, 0, []
        for run in self.runs:
            while edges[slot + 1] <= run:
                slot += 1
            found.append(slot)
        return found

    @cached_property
    def runs(self) -> Sequence[int]:
        """The runs inside the period."""
        period = self.slots.period
        runs = self.reads.runs
        return runs[bisect_left(runs, period.begins) : bisect_left(runs, period.ends)]

    @cached_property
    def ordinal(self) -> Sequence[int]:
        """For each run, how many slots with runs lie before its own: runs i to j touch ordinal[j] - ordinal[i] + 1."""
        found: list[int] = []
        for number, slot in enumerate(self.slot_of):
            found.append(found[-1] + (slot != self.slot_of[number - 1]) if number else 0)
        return found

    @cached_property
    def holes(self) -> Sequence[tuple[int, int]]:
        """Between the first and the last run: ranges of slots without any, as (first, after)."""
        pairs = zip(self.slot_of, self.slot_of[1:], strict=False)
        return [(here + 1, there) for here, there in pairs if there > here + 1]

    @cached_property
    def known(self) -> dict[tuple[int | None, int | None, int | None], Coverage]:
        """Coverage already worked out: by first observation (None: before the slots), creation and deletion."""
        return {}

    @cached_property
    def gaps(self) -> dict[tuple[tuple[int, int], tuple[Failure, ...]], Gap]:
        """Gaps already explained, by their slots and the failures that only some units had in them."""
        return {}


class Grid:
    """The slots of one period, and what each `Reads` covers of them.

    Keep it while controls of one frequency and period are evaluated: what they share is worked out once.
    """

    def __init__(self, slots: Slots) -> None:
        """Begin with nothing known."""
        self.slots = slots
        self._lit: dict[int, _Lit] = {}

    def coverage(self, unit: Unit) -> Coverage:
        """What was expected of the unit inside its life, and what was observed."""
        lit = self._of(unit.reads)
        if not unit.always_decisive or unit.failures or not unit.changes:
            expected = self._expected(unit)
            return self._measure(unit, lit, expected, self._decisive(unit, lit, *expected))
        # One decision or another from the first observation on: the same for all units that live as long.
        seen = unit.changes[0][0]
        life = None if seen <= self.slots.edges[0] else seen, unit.begins, unit.ends
        if (found := lit.known.get(life)) is None:
            expected = self._expected(unit)
            found = lit.known[life] = self._measure(unit, lit, expected, self._decisive(unit, lit, *expected))
        return found

    def deviating(self, unit: Unit, spans: Iterable[tuple[int, int]]) -> int:
        """How many expected slots hold a failing observation within one of the spans, which are in order."""
        first, after = self._expected(unit)
        lit = self._of(unit.reads)
        fails = ((begins, ends) for begins, ends, status in unit.stretches() if status is Status.FAIL)
        return _touched(lit, [self._runs(lit, first, after, *each) for each in _both(fails, spans)])

    def _expected(self, unit: Unit) -> tuple[int, int]:
        """The slots wholly inside the unit's life."""
        if unit.begins is None and unit.ends is None:
            return 0, len(self.slots)
        scope = self.slots.period.clip(unit.begins, unit.ends)
        return self.slots.inside(scope.begins, scope.ends) if scope else (0, 0)

    def _of(self, reads: Reads) -> _Lit:
        # By identity: comparing two long tuples of runs would cost more than it could save.  The entry holds on to
        # its reads, so no other object can take over the identity.
        if (found := self._lit.get(id(reads))) is None:
            found = self._lit[id(reads)] = _Lit(reads, self.slots)
        return found

    def _runs(self, lit: _Lit, first: int, after: int, begins: int, ends: float) -> tuple[int, int]:
        """Numbers of the runs inside [begins, ends) and inside the slots first to after, as (first, after)."""
        edges = self.slots.edges
        low = bisect_left(lit.runs, max(begins, edges[first]))
        return low, max(low, bisect_left(lit.runs, min(ends, edges[after])))

    def _decisive(self, unit: Unit, lit: _Lit, first: int, after: int) -> list[tuple[int, int]]:
        """Ranges of the runs, in order and apart, at which the unit had a decisive verdict in an expected slot."""
        found: list[tuple[int, int]] = []
        for begins, ends, status in unit.stretches():
            if status is Status.ERROR:
                continue
            low, high = self._runs(lit, first, after, begins, ends)
            if found and found[-1][1] == low:
                found[-1] = found[-1][0], high
            elif low < high:
                found.append((low, high))
        return found

    def _measure(self, unit: Unit, lit: _Lit, expected: tuple[int, int], ranges: list[tuple[int, int]]) -> Coverage:
        first, after = expected
        dark = list(_dark(lit, first, after, ranges))
        if self.slots.cut_short and after - first > 1 and dark[-1:] == [(len(self.slots) - 1, len(self.slots))]:
            # Where the end of a segment, or the present, cuts a slot short, nobody promised to look before that.
            after = dark.pop()[0]
        gaps = tuple(self._gap(unit, lit, each) for each in dark)
        longest = max((gap.length for gap in gaps), default=0)
        return Coverage(after - first, _touched(lit, ranges), gaps, longest)

    def _gap(self, unit: Unit, lit: _Lit, dark: tuple[int, int]) -> Gap:
        begins, ends = self.slots.edges[dark[0]], self.slots.edges[dark[1]]
        own = tuple(each for each in unit.failures if each.begins < ends and begins < each.ends)
        if (found := lit.gaps.get((dark, own))) is None:
            found = lit.gaps[dark, own] = self._explain(lit, dark, (*own, *lit.reads.failures))
        return found

    def _explain(self, lit: _Lit, dark: tuple[int, int], failures: Iterable[Failure]) -> Gap:
        """The gap over these slots, by the reason that holds over most of it."""
        begins, ends = self.slots.edges[dark[0]], self.slots.edges[dark[1]]
        known = sorted((each for each in failures if each.begins < ends and begins < each.ends), key=_begins)
        scan_unit, size = lit.reads.scan_unit, dark[1] - dark[0]
        if known:
            most = max(known, key=lambda each: min(each.ends, ends) - max(each.begins, begins))
            return Gap(begins, ends, size, most.reason, scan_unit, known[0].first_error, known[-1].last_error)
        runs = lit.reads.runs
        position = bisect_left(runs, begins)
        if position < bisect_left(runs, ends):
            reason = Reason.CHECK_ERROR  # the reads answered, and yet nothing was concluded from them
        elif position == 0:
            reason = Reason.ACCOUNT_NOT_ONBOARDED  # nobody ever read it before
        else:
            reason = Reason.AGENT_DOWN
        return Gap(begins, ends, size, reason, scan_unit)


def _begins(failure: Failure) -> int:
    return failure.begins


def _both(stretches: Iterable[tuple[int, float]], spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, float]]:
    """What lies both in a stretch and in a span; the intervals of either kind are in order and apart."""
    left, right = iter(stretches), iter(spans)
    here, there = next(left, None), next(right, None)
    while here and there:
        begins, ends = max(here[0], there[0]), min(here[1], there[1])
        if begins < ends:
            yield begins, ends
        if here[1] <= there[1]:
            here = next(left, None)
        else:
            there = next(right, None)


def _touched(lit: _Lit, ranges: Iterable[tuple[int, int]]) -> int:
    """How many slots the runs in these ranges lie in, each slot counted once; the ranges are in order."""
    number, last = 0, -1
    for low, high in ranges:
        if low < high:
            number += lit.ordinal[high - 1] - max(lit.ordinal[low], last + 1) + 1
            last = lit.ordinal[high - 1]
    return number


def _dark(lit: _Lit, first: int, after: int, ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The slots from first to after that no run in these ranges lies in, as maximal ranges (first, after)."""
    reached = first
    for low, high in ranges:
        begins, ends = lit.slot_of[low], lit.slot_of[high - 1]
        if begins > reached:
            yield reached, begins
        inner = bisect_left(lit.holes, (begins,))
        while inner < len(lit.holes) and lit.holes[inner][0] <= ends:
            yield lit.holes[inner]
            inner += 1
        reached = max(reached, ends + 1)
    if reached < after:
        yield reached, after
