"""How long each unit failed: when it was found, how early it may have begun, what ended it, and who excused it.

An observation that is no decision opens and closes nothing: fail, then no answer, then pass means failing until that
pass.  An approved exception ends a failing interval where it begins, and what still fails after it opens a new one; it
never reaches back and it hides nothing, since what it excused is told as well.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from agent.audit.coverage import Status, Stretch, Unit
from agent.audit.parameters import DAY, Parameters
from agent.audit.periods import Period, hours, iso


class EndedBy(StrEnum):
    """What ended a failing interval."""

    REMEDIATED = "remediated"
    """The unit passed."""
    REMOVAL = "removal"
    """The unit was deleted, or a complete listing showed that nothing is left to test."""
    WAIVER = "waiver"
    """An approved exception began; the unit went on failing."""


class Timeliness(StrEnum):
    """A failing interval against the time that the control allows for repair."""

    CLOSED_WITHIN_SLA = "closed_within_sla"
    CLOSED_LATE = "closed_late"
    OPEN_WITHIN_SLA = "open_within_sla"
    OPEN_LATE = "open_late"

    @property
    def late(self) -> bool:
        """Whether it took, or takes, longer than allowed."""
        return self in {Timeliness.CLOSED_LATE, Timeliness.OPEN_LATE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """An approved exception for one unit.  Whoever evaluates resolves selectors to units first."""

    id: str
    unit: str
    requester: str
    approver: str
    approved_at: int
    valid_from: int
    valid_to: int
    revoked_at: int | None = None

    @property
    def begins(self) -> int:
        """The first instant at which it holds: never before it was approved."""
        return max(self.approved_at, self.valid_from)

    @property
    def ends(self) -> int:
        """The first instant at which it no longer holds."""
        return self.valid_to if self.revoked_at is None else min(self.valid_to, self.revoked_at)

    def broken_rule(self, parameters: Parameters) -> str:
        """Why it excuses nothing at all; empty when it keeps the rules."""
        if self.approver.strip().casefold() == self.requester.strip().casefold():
            return f"{self.requester} requested and approved it"
        if self.valid_to - self.valid_from > parameters.waiver_longest_days * DAY:
            days = (self.valid_to - self.valid_from) / DAY
            return f"it is valid for {days:g} days, longer than the {parameters.waiver_longest_days} allowed"
        if self.ends <= self.begins:
            return "it ended before it began to hold"
        return ""


@dataclass(frozen=True, slots=True)
class FailingInterval:
    """One unit failing, from where it was found.  Bounds are the observations around it."""

    unit: str
    detected_at: int
    """The first failing observation; an interval carried in from before the period keeps its own."""
    last_pass_at: int | None
    """The last decisive observation before that did not fail; None when there is none."""
    began_at: int | None
    """The exact instant of the change, where the provider's own record of it is known."""
    created_at: int | None
    """When the provider created the unit, before which it cannot have failed."""
    last_fail_at: int
    """The last failing observation."""
    ended_at: int | None
    """When it passed, was gone or was excused; None when it is open at the end of the period."""
    ended_by: EndedBy | None
    until: int
    """`ended_at`, or the end of the period."""
    sla: int
    """Microseconds that the control allows from detection to repair."""
    carried_in: bool
    """Whether it was found before the period began."""
    resumed: bool
    """Whether it is the rest of a failure that an exception had excused before."""

    @property
    def age(self) -> int:
        """Microseconds from detection until it ended, or until the period did."""
        return self.until - self.detected_at

    @property
    def timeliness(self) -> Timeliness:
        """Open or closed, in time or late.  Late means older than the SLA, not as old."""
        late = self.age > self.sla
        if self.ended_at is None:
            return Timeliness.OPEN_LATE if late else Timeliness.OPEN_WITHIN_SLA
        return Timeliness.CLOSED_LATE if late else Timeliness.CLOSED_WITHIN_SLA

    @property
    def exposure(self) -> int | None:
        """Microseconds that it lasted at most; None when nothing tells how early it may have begun."""
        if self.began_at is not None:
            return self.until - self.began_at
        earliest = [bound for bound in (self.last_pass_at, self.created_at) if bound is not None]
        return self.until - max(earliest) if earliest else None

    def to_json(self) -> dict[str, Any]:
        """Every part; instants in UTC, durations in hours."""
        exposure = self.exposure
        return {
            "unit": self.unit,
            "detected_at": iso(self.detected_at),
            "last_pass_at": _iso(self.last_pass_at),
            "began_at": _iso(self.began_at),
            "last_fail_at": iso(self.last_fail_at),
            "ended_at": _iso(self.ended_at),
            "ended_by": self.ended_by.value if self.ended_by else None,
            "age_hours": hours(self.age),
            "exposure_hours": None if exposure is None else hours(exposure),
            "status": self.timeliness.value,
            "carried_in": self.carried_in,
            "resumed": self.resumed,
        }


@dataclass(frozen=True, slots=True)
class Excused:
    """A time in which a unit failed with an approved exception; the auditor may think otherwise of it."""

    unit: str
    waiver: str
    begins: int
    ends: int

    def to_json(self) -> dict[str, str]:
        """Every part."""
        return {"unit": self.unit, "waiver": self.waiver, "begins": iso(self.begins), "ends": iso(self.ends)}


@dataclass(frozen=True, slots=True)
class Failing:
    """All failing of one unit that touches a period."""

    intervals: tuple[FailingInterval, ...]
    excused: tuple[Excused, ...]


@dataclass(frozen=True, slots=True)
class _Episode:
    """One unbroken failing, whoever excused parts of it."""

    stretches: list[Stretch]
    """Those in which runs said fail."""
    last_pass: int | None
    ended: int | None
    ended_by: EndedBy | None


def failing(unit: Unit, period: Period, sla: int, waivers: Iterable[Waiver] = ()) -> Failing:
    """The failing intervals of a unit that touch the period, and what the waivers of this unit excused.

    `sla` in microseconds.  `waivers` must be sound (`Waiver.broken_rule`).  Nothing from the period's end on counts:
    not an observation, not a deletion, not an exception.
    """
    granted = sorted((each for each in waivers if each.begins < period.ends), key=lambda each: each.begins)
    intervals: list[FailingInterval] = []
    excused: list[Excused] = []
    for episode in _episodes(unit, period.ends):
        until = period.ends if episode.ended is None else episode.ended
        intervals += _outside(unit, episode, granted, period, sla)
        began = max(episode.stretches[0][0], period.begins)
        for each in granted:
            since, to = max(began, each.begins), min(until, each.ends)
            if since < to:
                excused.append(Excused(unit.id, each.id, since, to))
    return Failing(tuple(intervals), tuple(excused))


def by_unit(waivers: Iterable[Waiver]) -> Mapping[str, Sequence[Waiver]]:
    """The waivers of each unit."""
    found: dict[str, list[Waiver]] = defaultdict(list)
    for waiver in waivers:
        found[waiver.unit].append(waiver)
    return found


def flapping(intervals: Iterable[FailingInterval], parameters: Parameters) -> bool:
    """Whether one unit began to fail often within a short time.  What an exception interrupted began only once."""
    found = sorted(each.detected_at for each in intervals if not each.resumed)
    apart = parameters.flapping_count - 1
    return any(
        later - earlier < parameters.flapping_days * DAY for earlier, later in zip(found, found[apart:], strict=False)
    )


def _episodes(unit: Unit, limit: int) -> Iterator[_Episode]:
    """Each failing from its first failing observation to what ended it before `limit`."""
    stretches: list[Stretch] = []
    last_pass: int | None = None
    for begins, ends, status in unit.stretches():
        if begins >= limit:
            break
        if status is Status.FAIL:
            stretches.append((begins, min(ends, limit), status))
        elif status is not Status.ERROR:
            if stretches:
                ended_by = EndedBy.REMEDIATED if status is Status.PASS else EndedBy.REMOVAL
                yield _Episode(stretches, last_pass, begins, ended_by)
                stretches = []
            last_pass = _last_run(unit, begins, ends)
    if not stretches:
        return
    if unit.ends is not None and unit.ends < limit:
        yield _Episode(stretches, last_pass, unit.ends, EndedBy.REMOVAL)
    else:
        yield _Episode(stretches, last_pass, None, None)


def _outside(
    unit: Unit, episode: _Episode, waivers: Iterable[Waiver], period: Period, sla: int
) -> Iterator[FailingInterval]:
    """The parts of an episode that no exception covers, each from its first failing observation on.

    The waivers are in the order of their begin; some may overlap.
    """
    until = period.ends if episode.ended is None else episode.ended
    began = dict(unit.began).get(episode.stretches[0][0])
    free = episode.stretches[0][0]
    holding = ((each.begins, each.ends) for each in waivers)
    for begins, ends in (*holding, (until, until)):
        detected = _first_fail(unit, episode, free)
        if detected is None or detected >= until:
            return
        if detected < begins:
            closes = min(begins, until)
            by_waiver = begins < until
            ended, ended_by = (begins, EndedBy.WAIVER) if by_waiver else (episode.ended, episode.ended_by)
            if closes > period.begins:
                yield FailingInterval(
                    unit=unit.id,
                    detected_at=detected,
                    last_pass_at=episode.last_pass,
                    began_at=began,
                    created_at=unit.begins,
                    last_fail_at=_last_fail(unit, episode, closes),
                    ended_at=ended,
                    ended_by=ended_by,
                    until=closes,
                    sla=sla,
                    carried_in=detected < period.begins,
                    resumed=detected != episode.stretches[0][0],
                )
            if not by_waiver:
                return
        free = max(free, ends)


def _first_fail(unit: Unit, episode: _Episode, instant: int) -> int | None:
    """The first failing observation of an episode at or after an instant."""
    runs = unit.reads.runs
    for begins, ends, _ in episode.stretches:
        if begins >= instant:
            return begins
        if instant < ends:
            position = bisect_left(runs, instant)
            if position < len(runs) and runs[position] < ends:
                return runs[position]
    return None


def _last_fail(unit: Unit, episode: _Episode, before: int) -> int:
    """The last failing observation of an episode before an instant; there is one."""
    begins, ends, _ = [each for each in episode.stretches if each[0] < before][-1]
    return _last_run(unit, begins, min(ends, before))


def _last_run(unit: Unit, begins: int, ends: float) -> int:
    """The last run inside [begins, ends); the change at `begins` is an observation in any case."""
    runs = unit.reads.runs
    return max(begins, runs[position - 1]) if (position := bisect_left(runs, ends)) else begins


def _iso(instant: int | None) -> str | None:
    return None if instant is None else iso(instant)
