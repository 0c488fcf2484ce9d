"""The promises to customers: which controls keep them, and whether the measured availability does.

A number such as `99.9 % a month` is held against the imported register `availability`, month by month.  Minutes that no
row of it speaks of are unmeasured: they were neither up nor down.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

from agent.audit.availability import Availability, Met, availability
from agent.audit.parameters import MINUTE, Parameters
from agent.audit.periods import Period, iso, slots
from agent.evaluation.registered import Register
from agent.registers.kinds import Commitment, Measured

NO_REGISTER = "no register of commitments was on record; import it: proofkeep register import commitments FILE"
_PERCENT = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*(?:%|percent\b)")
_WINDOWS = (
    (re.compile(r"\bmonth"), "monthly"),
    (re.compile(r"\bquarter"), "quarterly"),
    (re.compile(r"\bweek"), "weekly"),
    (re.compile(r"\b(?:year|annual)"), "annual"),
)
_WHOLE = 100


@dataclass(frozen=True, slots=True)
class Window:
    """One service over one stretch for which the number was promised."""

    service: str
    period: Period
    found: Availability
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Every part."""
        return {
            "service": self.service,
            **self.period.to_json(),
            **self.found.to_json(),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Promise:
    """One commitment or requirement that held in the period."""

    row: Commitment
    period: Period
    """The part of the period in which it held."""
    target: float | None
    """Percent; None when its number is none of availability."""
    windows: tuple[Window, ...]

    @property
    def result(self) -> Met | None:
        """Whether it was kept in every window; None when there is no number to hold it against."""
        if self.target is None:
            return None
        given = {each.found.result for each in self.windows}
        return next((each for each in (Met.FAIL, Met.UNABLE_TO_CONCLUDE) if each in given), Met.PASS)

    @property
    def unmeasured(self) -> int:
        """Minutes that nobody measured, over all windows."""
        return sum(each.found.unmeasured_minutes for each in self.windows)

    def to_json(self, words: Mapping[str, str]) -> dict[str, Any]:
        """Every part; `words` is the conclusion on each control that was evaluated, by id."""
        return {
            "id": self.row.id,
            "kind": self.row.kind,
            "text": self.row.text,
            "source": self.row.source,
            "criteria": list(self.row.criteria),
            "controls": {name: words.get(name, "not evaluated") for name in self.row.controls},
            **self.period.to_json(),
            "target": self.row.target,
            "target_percent": self.target,
            "result": None if self.result is None else self.result.value,
            "unmeasured_minutes": self.unmeasured,
            "windows": [each.to_json() for each in self.windows],
        }


@dataclass(frozen=True, slots=True)
class Promises:
    """All of them, and where they and the measurements come from."""

    register: Register | None
    measured: Register | None
    each: tuple[Promise, ...]

    def to_json(self, words: Mapping[str, str]) -> dict[str, Any]:
        """Every part; `words` as in `Promise.to_json`."""
        return {
            "register": self.register.to_json() if self.register else None,
            "measurements": self.measured.to_json() if self.measured else None,
            "each": [one.to_json(words) for one in self.each],
        }

    def lines(self, words: Mapping[str, str]) -> Iterator[str]:
        """The same for people."""
        if self.register is None:
            yield NO_REGISTER
            return
        for one in self.each:
            ours = ", ".join(
                f"{name} {words.get(name, 'not evaluated').replace('_', ' ')}" for name in one.row.controls
            )
            yield f"{one.row.id}: {one.row.text} ({ours or 'no control is named'})"
            if one.result is None:
                continue
            said = f"  {one.row.target}: {one.result.replace('_', ' ')}, {one.unmeasured} minutes unmeasured"
            yield said if self.measured else f"{said}: no measurements are imported"
            for window in one.windows:
                if window.found.result is not Met.PASS:
                    yield f"  {_words(window)}"


def measure(register: Register | None, measured: Register | None, period: Period, parameters: Parameters) -> Promises:
    """Every commitment that held at any time of a period, those with a percentage against what was measured."""
    rows = cast("Sequence[Commitment]", register.rows) if register else ()
    known = cast("Sequence[Measured]", measured.rows) if measured else ()
    found = []
    for row in rows:
        held = period.clip(row.valid_from, row.valid_to)
        if held is None:
            continue
        target = _percent(row.target)
        own = [each for each in known if each.commitment == row.id]
        windows = () if target is None else tuple(_windows(row.target, target, own, held, parameters))
        found.append(Promise(row, held, target, windows))
    return Promises(register, measured, tuple(found))


def _percent(target: str) -> float | None:
    """The percentage in a target such as `99.9 % a month`; None when there is none that could be one."""
    found = _PERCENT.search(target)
    value = float(found[1].replace(",", ".")) if found else None
    return value if value is not None and value <= _WHOLE else None


def _windows(
    text: str, target: float, rows: Sequence[Measured], held: Period, parameters: Parameters
) -> Iterator[Window]:
    """Each service over each stretch for which a number was promised; the whole time where the text names none."""
    frequency = next((name for pattern, name in _WINDOWS if pattern.search(text.casefold())), None)
    edges = slots(frequency, held).edges if frequency else (held.begins, held.ends)
    for service in sorted({row.service for row in rows}) or [""]:
        own = sorted((row for row in rows if row.service == service), key=lambda row: row.begins)
        for begins, ends in pairwise(edges):
            yield _window(service, own, Period(begins, ends), target, parameters)


def _window(service: str, rows: Sequence[Measured], window: Period, target: float, parameters: Parameters) -> Window:
    """What the rows say of one window.

    A row that reaches over its edges cannot say on which side the minutes were down, and of rows that overlap nobody
    knows which is right: neither measures anything.
    """
    notes, inside = [], list[Measured]()
    doubtful = set(_overlapping(rows))
    for row in rows:
        if row.ends <= window.begins or row.begins >= window.ends:
            continue
        name = f"the row of {iso(row.begins)}"
        if row.begins in doubtful:
            notes.append(f"{name} overlaps another one and measures nothing")
        elif row.begins < window.begins or row.ends > window.ends:
            notes.append(f"{name} reaches over the edge and measures nothing")
        else:
            inside.append(row)
    total = (window.ends - window.begins) // MINUTE
    told = sum(row.minutes for row in inside)
    found = availability(
        total=total,
        maintenance=sum(row.maintenance_minutes for row in inside),
        unmeasured=total - told + sum(row.unmeasured_minutes for row in inside),
        down=sum(row.down_minutes for row in inside),
        target_percent=target,
        parameters=parameters,
    )
    return Window(service, window, found, tuple(notes))


def _overlapping(rows: Sequence[Measured]) -> Iterator[int]:
    """The beginnings of the rows, given in order, that overlap another one; a service has one row for each."""
    last: Measured | None = None
    for row in rows:
        if last is not None and row.begins < last.ends:
            yield from (last.begins, row.begins)
        if last is None or row.ends > last.ends:
            last = row


def _words(window: Window) -> str:
    found = window.found
    percent = "nothing measured" if found.percent is None else f"{found.percent:.4f} %"
    said = (
        f"{iso(window.period.begins)} … {iso(window.period.ends)}: {found.result.replace('_', ' ')}: {percent}, "
        f"{found.down_minutes} minutes down, {found.unmeasured_minutes} unmeasured"
    )
    named = f"{window.service}: {said}" if window.service else said
    return "; ".join((named, *window.notes))
