"""Which runs an evaluation may rest on: by the clocks, by the time at which they came, and by their ledger entries.

A year has thousands of runs, so nothing here opens a run's record: the ledger entry of a run holds how the clocks stood
over all of its calls.  That each listing reached its last page needs no test of its own, as one that did not is a gap.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from agent.audit import clocks
from agent.audit.clocks import Admission, ClockQuality, Source
from agent.audit.coverage import Failure
from agent.audit.parameters import HOUR, SECOND, Parameters
from agent.audit.periods import Period, iso
from collectors.facts.core import Reason
from storage import history
from storage.history import PairHistory, RunAt, Step, UnreadStretch
from storage.rows import Target

if TYPE_CHECKING:
    from agent.verify import Verdict

_CLOCK = "agent.clock"
"""Kind of the gap by which a run says itself that its clock proves nothing."""
_PLACED = re.compile(r"(?:ledger entry|at entry|\brun) (\d+)")
"""How a finding of `verify` names the entry that it is about."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a complete verification of the store found before the evaluation."""

    broken: Mapping[int, str]
    """What is wrong, by the ledger entry concerned."""
    unplaced: tuple[str, ...]
    """What is wrong and belongs to no single entry."""

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.broken and not self.unplaced

    @classmethod
    def of(cls, verdict: Verdict) -> Verified:
        """Sort the findings by the entries that they are about."""
        broken: dict[int, str] = {}
        unplaced = []
        for finding in verdict.findings:
            placed = _PLACED.search(finding.where)
            said = f"{finding.where}: {finding.what}"
            if placed:
                broken.setdefault(int(placed[1]), said)
            else:
                unplaced.append(said)
        return cls(broken, tuple(unplaced))


@dataclass(frozen=True, slots=True)
class Limits:
    """By what the runs are weighed."""

    parameters: Parameters
    verified: Verified | None = None
    """None when the store was not verified as a whole: then each entry is only held against its own hash."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A run that is no observation, and why."""

    run: RunAt
    reason: Reason
    said: str

    def failure(self, until: int) -> Failure:
        """Why the slots up to the next run that counts have no observation."""
        said = sha256(self.said.encode()).hexdigest()
        return Failure(self.run.recorded, until, self.reason, said, said)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one target's, or several targets', runs of a stretch are worth."""

    runs: int = 0
    used: int = 0
    """Those that answered and are no doubt."""
    doubted: Mapping[Reason, int] = field(default_factory=dict)
    unchecked: int = 0
    """Runs of which no clock of a provider is on record."""
    off: int = 0
    """Runs whose clock was off by more than is not worth a word, and which count."""
    worst: int = 0
    """The largest difference of the clocks in any call, in microseconds, signed: ours less the provider's."""
    late: tuple[int, ...] = ()
    """Ledger entries of runs that came late: long after their slot, or long after they were made."""

    def __add__(self, other: Figures) -> Figures:
        """Both together."""
        return Figures(
            self.runs + other.runs,
            self.used + other.used,
            Counter(self.doubted) + Counter(other.doubted),
            self.unchecked + other.unchecked,
            self.off + other.off,
            max(self.worst, other.worst, key=abs),
            (*self.late, *other.late),
        )

    def line(self) -> str:
        """How many runs were used, and why not all."""
        why = ", ".join(f"{number} {reason}" for reason, number in sorted(self.doubted.items()))
        return f"{self.used} of {self.runs} runs used" + (f"; not used: {why}" if why else "")

    def to_json(self) -> dict[str, Any]:
        """Every part, as an evaluation stores and shows it."""
        return {
            "runs": self.runs,
            "used": self.used,
            "not_used": {reason.value: number for reason, number in self.doubted.items()},
            "clock_unchecked": self.unchecked,
            "clock_off": self.off,
            "clock_worst_seconds": self.worst / SECOND,
            "late": list(self.late),
        }


@dataclass(slots=True)
class Trust:
    """How far the runs can be trusted."""

    limits: Limits
    sound: Mapping[Target, Sequence[RunAt]]
    """Those that an evaluation rests on, oldest first."""
    doubted: Mapping[Target, Sequence[Doubt]]
    """Those that it does not rest on; targets without any are left out."""
    late: Mapping[int, Admission]
    """What is to be said of runs that came late, by ledger entry."""
    backwards: tuple[int, ...] = ()
    """Ledger entries that were recorded before the one that they follow."""
    _figures: dict[tuple[Target, Period], Figures] = field(default_factory=dict)

    @property
    def broken(self) -> Collection[int]:
        """Ledger entries that a verification of the whole store found wrong; none when there was no such."""
        return self.limits.verified.broken if self.limits.verified else ()

    def over(self, period: Period, targets: Iterable[Target]) -> Figures:
        """What the runs of some targets are worth over a stretch of time."""
        return sum((self._of(who, period) for who in targets), Figures())

    def failures(self, who: Target, answered: Sequence[int], ends: int) -> Iterator[Failure]:
        """Why runs of a target are no observations, each until the next one that is, or until `ends`."""
        for doubt in self.doubted.get(who, ()):
            place = bisect_left(answered, doubt.run.recorded)
            until = answered[place] if place < len(answered) else ends
            yield doubt.failure(max(until, doubt.run.recorded + 1))

    def seen(self, pair: PairHistory) -> PairHistory:
        """The changes of a verdict as the runs that count saw them.

        What only a doubted run saw was not seen; what it changed and the next sound run found unchanged was seen then.
        """
        if not self.doubted or pair.target not in self.doubted:
            return pair
        out = {doubt.run.seq for doubt in self.doubted[pair.target]}
        runs, kept = self.sound[pair.target], dict[int, Step]()
        for step in pair.steps:
            run = step.run
            if run.seq in out:
                place = bisect_left(runs, run.seq, key=lambda each: each.seq)
                if place == len(runs):
                    break
                run = runs[place]
            kept[run.seq] = step._replace(run=run)
        return pair._replace(steps=tuple(kept.values()))

    def to_json(self, period: Period) -> dict[str, Any]:
        """What has to be disclosed of all targets over a period."""
        return {
            "checked": "the whole store" if self.limits.verified else "the ledger entry of each run",
            **self.over(period, self.sound).to_json(),
            "not_used_runs": [_stretch(each) for each in self.stretches(period)],
            "late_runs": [{"entry": seq, "why": self.late[seq].reason} for seq in self.over(period, self.sound).late],
            "recorded_backwards": list(self.backwards),
            "does_not_verify": list(self.limits.verified.unplaced) if self.limits.verified else [],
        }

    def stretches(self, period: Period) -> Iterator[list[Doubt]]:
        """Doubted runs of the period that have target and reason in common and follow each other, together."""
        for who, doubts in self.doubted.items():
            sound = [run.seq for run in self.sound[who]]
            last: list[Doubt] = []
            for doubt in doubts:
                if not period.holds(doubt.run.recorded):
                    continue
                if last and (
                    doubt.reason is not last[0].reason
                    or bisect_left(sound, last[-1].run.seq) != bisect_left(sound, doubt.run.seq)
                ):
                    yield last
                    last = []
                last.append(doubt)
            if last:
                yield last

    def lines(self, period: Period) -> Iterator[str]:
        """The same for people."""
        told = self.over(period, self.sound)
        clock = f"clocks differ by at most {abs(told.worst) / SECOND:g} s"
        if told.off:
            clock += f", by more than {self.limits.parameters.clock_ok_seconds} s in {told.off} that count"
        if told.unchecked:
            clock += f"; {told.unchecked} have no provider's clock on record"
        yield f"evidence: {told.line()}; {clock}"
        for each in self.stretches(period):
            first, after = each[0], each[-1]
            yield (
                f"not used: {len(each)} runs of {first.run.target.name}, {first.reason}, "
                f"{iso(first.run.recorded)} … {iso(after.run.recorded)}: {first.said}"
            )
        yield from (f"late: run of ledger entry {seq}: {self.late[seq].reason}" for seq in told.late)
        yield from (f"ledger entry {seq}: recorded before the entry that it follows" for seq in self.backwards)
        for said in self.limits.verified.unplaced if self.limits.verified else ():
            yield f"does not verify: {said}"

    def _of(self, who: Target, period: Period) -> Figures:
        if (found := self._figures.get((who, period))) is None:
            found = self._figures[who, period] = self._counted(who, period)
        return found

    def _counted(self, who: Target, period: Period) -> Figures:
        sound = [run for run in self.sound.get(who, ()) if period.holds(run.recorded)]
        doubts = [doubt for doubt in self.doubted.get(who, ()) if period.holds(doubt.run.recorded)]
        every = [*sound, *(doubt.run for doubt in doubts)]
        told = [run.clock for run in every if run.clock is not None]
        limit = self.limits.parameters.clock_ok_seconds * SECOND
        return Figures(
            runs=len(every),
            used=sum(run.documents > 0 for run in sound),
            doubted=Counter(doubt.reason for doubt in doubts),
            unchecked=len(every) - len(told),
            off=sum(run.clock is not None and abs(run.clock.median) > limit for run in sound),
            worst=max((clock.worst for clock in told), key=abs, default=0),
            late=tuple(run.seq for run in every if run.seq in self.late),
        )


def weigh(
    conn: Connection,
    runs: Mapping[Target, Sequence[RunAt]],
    unread: Mapping[Target, Sequence[UnreadStretch]],
    limits: Limits,
) -> Trust:
    """Tell the runs that count from those that do not.

    `unread` says of runs that are older than the figures in the ledger whether they trusted their own clock.
    """
    parameters, broken = limits.parameters, limits.verified.broken if limits.verified else {}
    late = dict(_late(conn, [run for each in runs.values() for run in each], parameters))
    sound: dict[Target, list[RunAt]] = {}
    doubted: dict[Target, list[Doubt]] = {}
    for who, every in runs.items():
        own = [stretch for stretch in unread.get(who, ()) if stretch.kind == _CLOCK]
        sound[who] = []
        for run in every:
            doubt = _doubt(run, own, broken.get(run.seq), late.get(run.seq), parameters)
            if doubt is None:
                sound[who].append(run)
            else:
                doubted.setdefault(who, []).append(doubt)
    newest = max((run.seq for each in runs.values() for run in each), default=-1)
    recorded = history.recorded_until(conn, newest)
    backwards = tuple(recorded[place][0] for place in clocks.backward_steps([at for _, at in recorded]))
    return Trust(limits, sound, doubted, late, backwards)


def _doubt(
    run: RunAt,
    own: Sequence[UnreadStretch],
    broken: str | None,
    late: Admission | None,
    parameters: Parameters,
) -> Doubt | None:
    """Why a run is no observation; None when it is one."""
    if not run.intact:
        return Doubt(run, Reason.INTEGRITY_FAILED, f"ledger entry {run.seq}: it is not what its hash and columns say")
    if broken is not None:
        return Doubt(run, Reason.INTEGRITY_FAILED, broken)
    if run.clock is not None:
        reading = clocks.read(run.recorded, run.recorded - run.clock.median, parameters)
        if reading.quality is ClockQuality.UNTRUSTED:
            said = f"the clocks differ by {abs(run.clock.median) / SECOND:g} s, and nothing corroborates the time"
            return Doubt(run, Reason.CLOCK_UNTRUSTED, said)
    else:
        for stretch in own:
            if stretch.first_seq <= run.seq <= stretch.last_seq:
                return Doubt(run, Reason.CLOCK_UNTRUSTED, f"the clock {stretch.error}")
    if late is not None and not late.counts:
        return Doubt(run, Reason.CLOCK_UNTRUSTED, late.reason)
    return None


def _late(conn: Connection, runs: Sequence[RunAt], parameters: Parameters) -> Iterator[tuple[int, Admission]]:
    """Runs that came late, by ledger entry.

    A run is announced in the ledger before its first call: an announcement in time proves when it was made.
    """
    limit = parameters.late_automated_hours * HOUR
    slow = {run.seq: run for run in runs if run.recorded - run.started > limit}
    announced = history.announced(conn, slow)
    for run in runs:
        if run.seq in slow:
            proven = announced.get(run.seq, run.recorded) - run.started <= limit
            yield run.seq, clocks.admit(Source.AUTOMATED, run.started, run.recorded, parameters, proven=proven)
        elif run.scheduled and run.recorded - run.slot > limit:
            why = f"made {(run.recorded - run.slot) / HOUR:.1f} h after its slot; it counts from when it was made"
            yield run.seq, Admission(counts=True, late=True, reason=why)


def _stretch(doubts: Sequence[Doubt]) -> dict[str, Any]:
    first, last = doubts[0], doubts[-1]
    return {
        "cloud": first.run.target.cloud,
        "target": first.run.target.name,
        "account": first.run.target.account,
        "reason": first.reason.value,
        "runs": len(doubts),
        "first_entry": first.run.seq,
        "first": iso(first.run.recorded),
        "last_entry": last.run.seq,
        "last": iso(last.run.recorded),
        "why": first.said,
    }


def targets_of(checks: Iterable[str], units: Mapping[str, Collection[Any]], subjects: Mapping[str, Any]) -> set[Target]:
    """The targets in which some checks judged anything."""
    # Units of one target share their reads, so a few units stand for all.
    some = {id(unit.reads): unit.id for check in checks for unit in units.get(check, ())}
    return {subjects[name].target for name in some.values()}
