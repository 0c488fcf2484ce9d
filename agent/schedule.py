"""Which slot is due and which were missed.  Pure: plan, last slot and time in, slots out.

A slot is an instant at which a plan asks for a run, in microseconds since the epoch, UTC, so every machine agrees
on it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Protocol

SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_BACK = tuple(timedelta(days=days) for days in (1 / 24, 1, 8, 32, 370, 4 * 366, 8 * 366))
"""How far back the latest slot of a cron line is looked for, step by step; leap days can be eight years apart."""


class Plan(Protocol):
    """When a target is to be read."""

    def slot_of(self, instant: int) -> int:
        """The latest slot at or before `instant`."""

    def next(self, instant: int) -> int:
        """The first slot after `instant`."""

    def expected(self, after: int, before: int) -> Iterator[int]:
        """The slots strictly between two instants."""

    def declared(self) -> dict[str, Any]:
        """What the ledger says of it."""


@dataclass(frozen=True, slots=True)
class Every:
    """A slot each so many seconds, counted from the epoch."""

    seconds: int

    def slot_of(self, instant: int) -> int:
        """The latest slot at or before `instant`."""
        return instant - instant % (self.seconds * SECOND)

    def next(self, instant: int) -> int:
        """The first slot after `instant`."""
        return self.slot_of(instant) + self.seconds * SECOND

    def expected(self, after: int, before: int) -> Iterator[int]:
        """The slots strictly between two instants."""
        return iter(range(self.next(after), before, self.seconds * SECOND))

    def declared(self) -> dict[str, Any]:
        """What the ledger says of it."""
        return {"every": self.seconds}


@dataclass(frozen=True, slots=True)
class Cron:
    """A slot at each minute that a crontab line names, in UTC.  Raises ValueError for a line that is none."""

    line: str

    def __post_init__(self) -> None:
        """Refuse at once what could not be kept."""
        if _trigger(self.line).get_next_fire_time(None, _EPOCH) is None:
            message = f"{self.line!r} names no date that exists"
            raise ValueError(message)

    def slot_of(self, instant: int) -> int:
        """The latest slot at or before `instant`."""
        trigger, now = _trigger(self.line), _datetime(instant)
        for back in _BACK:
            found: datetime | None = trigger.get_next_fire_time(None, now - back)
            if found is None or found > now:
                continue
            while (later := trigger.get_next_fire_time(found, found)) is not None and later <= now:
                found = later
            return _micros(found)
        message = f"{self.line!r} has no slot in the years before {now.isoformat()}"
        raise ValueError(message)

    def next(self, instant: int) -> int:
        """The first slot after `instant`."""
        now = _datetime(instant)
        return _micros(_trigger(self.line).get_next_fire_time(now, now))

    def expected(self, after: int, before: int) -> Iterator[int]:
        """The slots strictly between two instants."""
        slot = self.next(after)
        while slot < before:
            yield slot
            slot = self.next(slot)

    def declared(self) -> dict[str, Any]:
        """What the ledger says of it."""
        return {"cron": self.line}


@dataclass(frozen=True, slots=True)
class Due:
    """What a plan asks for at one moment."""

    slot: int | None
    """The slot to run now; None when it has been run."""
    missed: tuple[int, ...]
    """Slots between the last one and this, which nobody can read any more."""


def due(plan: Plan, last: int | None, now: int) -> Due:
    """The slot to run at `now` when the newest slot with an entry is `last` (None before the first run)."""
    current = plan.slot_of(now)
    if last is None:
        return Due(current, ())
    return Due(current if current > last else None, tuple(plan.expected(last, current)))


def delay(name: str, spread: int) -> int:
    """Microseconds by which the runs of a target start after their slot: always the same within `spread` seconds."""
    if not spread:
        return 0
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    return number % (spread * SECOND)


def read_plan(declared: Mapping[str, Any]) -> Plan:
    """The plan that `declared` wrote.  Raises ValueError."""
    match declared:
        case {"every": int(seconds)} if seconds > 0 and not isinstance(seconds, bool):
            return Every(seconds)
        case {"cron": str(line)}:
            return Cron(line)
    message = "names neither an interval in whole seconds nor a crontab line"
    raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Declared:
    """The schedule as the ledger holds it: a plan for all targets, and the plans of those that have their own."""

    default: Plan
    targets: Mapping[str, Plan]

    def of(self, name: str) -> Plan:
        """The plan of a target; an account of an organization goes by the organization's."""
        return self.targets.get(name.partition("/")[0], self.default)

    def declared(self) -> dict[str, Any]:
        """What the ledger says of it."""
        own = {name: plan.declared() for name, plan in sorted(self.targets.items())}
        return {**self.default.declared(), **({"targets": own} if own else {})}


def read_declared(declared: Mapping[str, Any]) -> Declared:
    """The schedule that `declared` wrote.  Raises ValueError."""
    own = declared.get("targets", {})
    if not isinstance(own, Mapping) or not all(isinstance(plan, Mapping) for plan in own.values()):
        message = "names targets without plans"
        raise ValueError(message)
    return Declared(read_plan(declared), {name: read_plan(plan) for name, plan in own.items()})


def _datetime(instant: int) -> datetime:
    return _EPOCH + timedelta(microseconds=instant)


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


@cache
def _trigger(line: str) -> Any:
    """APScheduler's trigger for a crontab line.  Raises ValueError.

    It counts week days from Monday and wants both days to fit, where crontab counts from Sunday and takes either;
    so week days are named, and a line that restricts both is refused rather than read in one of two ways.
    """
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415  # 40 ms that few commands need

    fields = line.split()
    if len(fields) != 5:  # noqa: PLR2004  # a crontab line
        message = f"{line!r} is no crontab line; write minute, hour, day of month, month and day of week"
        raise ValueError(message)
    minute, hour, day, month, weekday = fields
    if day != "*" and weekday != "*":
        message = f"{line!r} restricts both day of month and day of week; keep one and write * for the other"
        raise ValueError(message)
    names = _weekdays(line, weekday)
    try:
        return CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=names, timezone=UTC)
    except ValueError as error:
        message = f"{line!r} is no crontab line: {error}"
        raise ValueError(message) from error


def _weekdays(line: str, field: str) -> str:
    """The week days of a crontab field by name, such as `mon,tue,wed`; 0 and 7 are both Sunday."""
    if field == "*":
        return field
    found: set[int] = set()
    for part in field.lower().split(","):
        named = part
        for number, name in enumerate(_DAYS):
            named = named.replace(name, str(number))
        match = re.fullmatch(r"(?:\*|([0-7])(?:-([0-7]))?)(?:/([1-7]))?", named)
        if not match:
            message = f"{line!r} is no crontab line: {part!r} is no day of week"
            raise ValueError(message)
        first = int(match[1] or 0)
        last = int(match[2] or (match[1] if match[1] and not match[3] else 6))
        if last < first:
            message = f"{line!r}: the days of week {part!r} run backwards; write them as a list"
            raise ValueError(message)
        found |= {day % 7 for day in range(first, last + 1, int(match[3] or 1))}
    return ",".join(_DAYS[day] for day in sorted(found))
