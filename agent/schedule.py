"""Which slot is due and which were missed.  Pure: interval, last slot and time in, slots out.

A slot is the start of an interval counted from the epoch, in microseconds, so every machine agrees on it.
"""

from __future__ import annotations

from dataclasses import dataclass

SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Due:
    """What a schedule asks for at one moment."""

    slot: int | None
    """The slot to run now; None when it has been run."""
    missed: tuple[int, ...]
    """Slots between the last one and this, which nobody can read any more."""


def slot_of(every: int, instant: int) -> int:
    """The slot that `instant` falls into; `every` is the interval in seconds."""
    return instant - instant % (every * SECOND)


def due(every: int, last: int | None, now: int) -> Due:
    """The slot to run at `now` when the newest slot with an entry is `last` (None before the first run)."""
    current = slot_of(every, now)
    if last is None:
        return Due(current, ())
    return Due(current if current > last else None, tuple(expected(every, last, current)))


def expected(every: int, after: int, before: int) -> range:
    """The slots strictly between two instants."""
    step = every * SECOND
    return range(slot_of(every, after) + step, before, step)
