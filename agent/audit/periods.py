"""Periods, and how often a control is expected to operate in one.

A control that watches a state has slots, one after the other, that fill its period.  A control that somebody performs
weekly to annually has due instants; only those in (begins, ends] count, so two periods that follow each other share
none.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import count
from zoneinfo import ZoneInfo

from agent.audit.parameters import DAY, HOUR, MINUTE, Parameters

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_A_MONDAY = date(2000, 1, 3)
_MONTHS = {"monthly": 1, "quarterly": 3, "semiannual": 6, "annual": 12}
_COUNTED = {"hourly": HOUR, "daily": DAY}
_WEEK = 7
_LAST_MONTH = 12

CONTINUOUS = "continuous"
CADENCE = Parameters().continuous_cadence_minutes * MINUTE
"""How often a continuous control is looked at unless its own schedule says otherwise."""


def iso(instant: int) -> str:
    """`2026-03-14T09:26:53.589793Z`; the fraction only where there is one."""
    return _datetime(instant).isoformat().replace("+00:00", "Z")


def hours(duration: int) -> float:
    """A duration in hours, as results show it."""
    return round(duration / HOUR, 6)


@dataclass(frozen=True, slots=True)
class Period:
    """The half-open interval [begins, ends).  Raises ValueError when it holds no instant."""

    begins: int
    ends: int

    def __post_init__(self) -> None:
        """Refuse an interval that is empty or runs backwards."""
        if self.ends <= self.begins:
            raise ValueError(f"a period from {iso(self.begins)} to {iso(self.ends)} holds no instant")

    @classmethod
    def of_days(cls, first: date, last: date, zone: str = "UTC") -> Period:
        """From the midnight that begins `first` to the one that ends `last`, in the entity's reporting time zone.

        Raises ValueError when `last` lies before `first`, ZoneInfoNotFoundError for a zone that does not exist.
        """
        return cls(_midnight(first, zone), _midnight(last + timedelta(days=1), zone))

    def days(self, zone: str = "UTC") -> tuple[date, date]:
        """First and last day, inclusive, as a report shows them in the reporting time zone."""
        where = ZoneInfo(zone)
        return _datetime(self.begins).astimezone(where).date(), _datetime(self.ends - 1).astimezone(where).date()

    def holds(self, instant: int) -> bool:
        """Whether the instant lies inside; the end itself is the next period's."""
        return self.begins <= instant < self.ends

    def clip(self, begins: int | None, ends: int | None) -> Period | None:
        """The part of this period inside [begins, ends), where None is open; None when there is no such part."""
        first = self.begins if begins is None else max(begins, self.begins)
        after = self.ends if ends is None else min(ends, self.ends)
        return Period(first, after) if first < after else None

    def to_json(self) -> dict[str, str]:
        """Both instants in UTC."""
        return {"begins": iso(self.begins), "ends": iso(self.ends)}


@dataclass(frozen=True, slots=True)
class Renewal:
    """How two periods meet; both durations are 0 when the later one begins where the earlier one ends."""

    gap: int
    """Microseconds that neither of them covers."""
    overlap: int
    """Microseconds that both of them cover."""

    @property
    def seamless(self) -> bool:
        """Whether no instant is left out and none is counted twice."""
        return not self.gap and not self.overlap

    def to_json(self) -> dict[str, float | bool]:
        """Durations in hours."""
        return {"gap_hours": hours(self.gap), "overlap_hours": hours(self.overlap), "seamless": self.seamless}


def renewal(earlier: Period, later: Period) -> Renewal:
    """Whether one period follows the other.  Raises ValueError when they are in the wrong order."""
    if later.begins < earlier.begins:
        raise ValueError(f"the period from {iso(later.begins)} does not follow the one from {iso(earlier.begins)}")
    both = min(earlier.ends, later.ends) - later.begins
    return Renewal(gap=max(0, -both), overlap=max(0, both))


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When a weekly, monthly, quarterly, semiannual or annual control is due.

    Slots end on Monday, or on the first of a month, at midnight in `zone`.  With an anchor they end on the
    anchor's day and at its time of day instead, in every step of the frequency, or on the month's last day where the
    month is too short.  Raises ValueError for any other frequency, or for a month that does not exist.
    """

    frequency: str
    anchor: int | None = None
    """An instant at which a slot ends."""
    fiscal_month: int = 1
    """Month, 1 to 12, with which years, halves and quarters begin; an anchor goes before it."""
    offset: int = 0
    """Microseconds from the end of a slot to its due instant."""
    zone: str = "UTC"

    def __post_init__(self) -> None:
        """Refuse what has no calendar."""
        if self.frequency != "weekly" and self.frequency not in _MONTHS:
            raise ValueError(f"{self.frequency}: has no due instants; only weekly to annual controls do")
        if not 1 <= self.fiscal_month <= _LAST_MONTH:
            raise ValueError(f"fiscal_month: {self.fiscal_month} is no month; give 1 to 12")

    def due(self, period: Period) -> tuple[int, ...]:
        """The due instants after the period's begin and up to its end, the end itself included."""
        return tuple(window.ends for window in self.windows(period))

    def windows(self, period: Period) -> Iterator[Period]:
        """For each due instant of the period: from the due instant before it up to itself."""
        last: int | None = None
        for number in count(self._number_before(period.begins)):
            due = self._end(number) + self.offset
            if due > period.ends:
                return
            if last is not None and due > period.begins:
                yield Period(last, due)
            last = due

    def _number_before(self, instant: int) -> int:
        """Number of a slot whose due instant lies before `instant`, by no more than a few slots."""
        where = _datetime(instant - self.offset).astimezone(ZoneInfo(self.zone)).date()
        base = self._base().date()
        if self.frequency == "weekly":
            return (where - base).days // _WEEK - 2
        return ((where.year - base.year) * _LAST_MONTH + where.month - base.month) // _MONTHS[self.frequency] - 2

    def _base(self) -> datetime:
        """End of slot 0, as clocks in the zone show it."""
        if self.anchor is not None:
            return _datetime(self.anchor).astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        first = _A_MONDAY if self.frequency == "weekly" else date(_A_MONDAY.year, self.fiscal_month, 1)
        return datetime(first.year, first.month, first.day)  # noqa: DTZ001  # the zone is added to the shifted date

    def _end(self, number: int) -> int:
        """The instant at which a slot ends."""
        base = self._base()
        if self.frequency == "weekly":
            shifted = base + timedelta(weeks=number)
        else:
            months = base.year * _LAST_MONTH + base.month - 1 + number * _MONTHS[self.frequency]
            year, month = months // _LAST_MONTH, months % _LAST_MONTH + 1
            shifted = base.replace(year=year, month=month, day=min(base.day, monthrange(year, month)[1]))
        return _micros(shifted.replace(tzinfo=ZoneInfo(self.zone)))


def expected(frequency: str, period: Period, *, cadence: int = CADENCE, calendar: Calendar | None = None) -> int:
    """How often a control has to operate in the period, for each unit that is in scope all the while.

    `cadence` is that of a continuous control, in microseconds.  Raises ValueError for event controls, whose expectation
    is the size of their population.
    """
    if (width := _width(frequency, cadence)) is not None:
        return -((period.begins - period.ends) // width)
    return len(_calendar(frequency, calendar).due(period))


@dataclass(frozen=True)
class Slots:
    """Consecutive intervals that fill a period: slot k is [edges[k], edges[k + 1])."""

    edges: tuple[int, ...]
    width: int | None = None
    """Length of each but the last, which the period's end may cut short; None where the calendar makes them."""

    @property
    def cut_short(self) -> bool:
        """The last one is shorter than what is promised for one, and not the only one."""
        return self.width is not None and len(self) > 1 and self.edges[-1] - self.edges[-2] < self.width

    @cached_property
    def period(self) -> Period:
        """What they fill."""
        return Period(self.edges[0], self.edges[-1])

    def __len__(self) -> int:
        """How many there are."""
        return len(self.edges) - 1

    def inside(self, begins: int, ends: int) -> tuple[int, int]:
        """Numbers of the first slot that lies wholly inside [begins, ends), and of the one after the last."""
        first = bisect_left(self.edges, begins)
        return first, max(first, bisect_right(self.edges, ends) - 1)


def slots(frequency: str, period: Period, *, cadence: int = CADENCE, calendar: Calendar | None = None) -> Slots:
    """The slots in which the state of something is looked at.

    Continuous, hourly and daily ones are counted from the period's begin, the last one ending with the period.  Slower
    ones end at the due instants; what the period's begin and end cut off of a slot is a slot too, so that no part of
    the period goes unwatched.  Raises ValueError for event controls.
    """
    if (width := _width(frequency, cadence)) is not None:
        return Slots((*range(period.begins, period.ends, width), period.ends), width)
    inner = (due for due in _calendar(frequency, calendar).due(period) if due != period.ends)
    return Slots((period.begins, *inner, period.ends))


def _width(frequency: str, cadence: int) -> int | None:
    """Length of a slot that is counted from the period's begin; None for a frequency of the calendar."""
    if frequency != CONTINUOUS:
        return _COUNTED.get(frequency)
    if cadence <= 0:
        raise ValueError(f"cadence: is {cadence} microseconds; give more than 0")
    return cadence


def _calendar(frequency: str, calendar: Calendar | None) -> Calendar:
    """The calendar that was given, if it is of this frequency, or that of plain months and Mondays in UTC."""
    if calendar is None:
        return Calendar(frequency=frequency)
    if calendar.frequency != frequency:
        raise ValueError(f"{frequency}: was given a calendar of {calendar.frequency} slots")
    return calendar


def _midnight(day: date, zone: str) -> int:
    return _micros(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)))


def _datetime(instant: int) -> datetime:
    return _EPOCH + timedelta(microseconds=instant)


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)
