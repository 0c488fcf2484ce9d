"""Whether customers can reach the service: probes from outside, what they measured, and alarms on measures."""

from __future__ import annotations

from dataclasses import dataclass

from collectors.facts.core import Fact, Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityProbe(Fact):
    """A test that asks a service from outside, again and again, whether it answers."""

    enabled: bool | Unread
    every_seconds: int | Unread
    """Time from one test to the next, at each place."""
    places: int | Unread
    """Number of places in the world that it asks from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredAvailability(Fact):
    """What probes found over the last days, as the provider keeps it."""

    days: int
    """How far back it looks."""
    percent: float | None | Unread
    """Share of tests that went well; None when none took place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricAlarm(Fact):
    """An alarm that goes off when a measure crosses a limit."""

    enabled: bool | Unread
    measures: tuple[str, ...] | Unread
    """The provider's names of what it watches, in lower case."""
    receivers: int | Unread
    """Number of people and systems that it tells, those that are switched off left out."""
    watches: tuple[str, ...] | Unread = ()
    """Each measure with what it is measured of, as the provider names it, behind a space; `*` for any text.  Empty
    where the provider's rule is not taken apart so far."""
