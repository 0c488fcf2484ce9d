"""When something happened, as far as the clocks can be trusted, and evidence that came late or after the fact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from agent.audit.parameters import DAY, HOUR, SECOND, Parameters
from agent.audit.periods import iso

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FRIDAY = 4


class ClockQuality(StrEnum):
    """How far the agent's clock agrees with the provider's."""

    OK = "ok"
    WARN = "warn"
    """Off by more than it should: the provider's time is used."""
    UNTRUSTED = "clock_untrusted"
    """Off by so much that the evidence counts only when something else corroborates its time."""
    UNCHECKED = "unchecked"
    """The provider told no time."""


class Source(StrEnum):
    """Who made a piece of evidence."""

    AUTOMATED = "automated"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Reading:
    """The time at which something counts as observed."""

    effective: int
    quality: ClockQuality
    skew: int | None
    """Agent's time less the provider's, in microseconds; None when the provider told none."""

    def to_json(self) -> dict[str, Any]:
        """Every part, as an evaluation stores and shows it."""
        skew = None if self.skew is None else self.skew / SECOND
        return {"effective_time": iso(self.effective), "quality": self.quality.value, "skew_seconds": skew}


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether evidence counts at the time that it claims, and what to say of it."""

    counts: bool
    late: bool
    reason: str
    """Empty when it came in time."""

    def to_json(self) -> dict[str, Any]:
        """Every part, as an evaluation stores and shows it."""
        return {"counts": self.counts, "late": self.late, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Addition:
    """Evidence that came after the set of its period was frozen: kept apart, dated and reasoned."""

    evidence: str
    received: int
    reason: str

    def __post_init__(self) -> None:
        """Refuse an addition without a reason.

        Raises ValueError that names the evidence.
        """
        if not self.reason.strip():
            raise ValueError(f"{self.evidence}: came after the freeze; say why it is added")

    def to_json(self) -> dict[str, Any]:
        """Every part, as an evaluation stores and shows it."""
        return {"evidence": self.evidence, "received": iso(self.received), "reason": self.reason}


def read(agent_time: int, provider_time: int | None, parameters: Parameters) -> Reading:
    """The effective time of an observation from both clocks."""
    if provider_time is None:
        return Reading(agent_time, ClockQuality.UNCHECKED, None)
    skew = agent_time - provider_time
    if abs(skew) <= parameters.clock_ok_seconds * SECOND:
        return Reading(agent_time, ClockQuality.OK, skew)
    warn = abs(skew) <= parameters.clock_warn_seconds * SECOND
    return Reading(provider_time, ClockQuality.WARN if warn else ClockQuality.UNTRUSTED, skew)


def backward_steps(times: Sequence[int]) -> tuple[int, ...]:
    """Positions at which the database's time is earlier than just before, along the sequence of the ledger."""
    return tuple(place for place in range(1, len(times)) if times[place] < times[place - 1])


def admit(
    source: Source, observed: int, received: int, parameters: Parameters, *, proven: bool, zone: tzinfo = UTC
) -> Admission:
    """Whether evidence counts at its observed time.

    `proven` says that the chain shows it was spooled at that time and not rewritten or, for manual evidence, that a
    system's trace does.  Business days are Monday to Friday in `zone`.
    """
    if received <= _deadline(source, observed, parameters, zone):
        return Admission(counts=True, late=False, reason="")
    waited = f"received {(received - observed) / HOUR:.1f} h after it was made"
    if proven:
        return Admission(counts=True, late=True, reason=f"{waited}, and proven to be of that time")
    return Admission(counts=False, late=True, reason=f"{waited}, and nothing proves that it is of that time")


def _deadline(source: Source, observed: int, parameters: Parameters, zone: tzinfo) -> int:
    if source is Source.AUTOMATED:
        return observed + parameters.late_automated_hours * HOUR
    moment = (_EPOCH + timedelta(microseconds=observed)).astimezone(zone)
    left = parameters.late_manual_business_days
    while left:
        moment += timedelta(days=1)
        left -= moment.weekday() <= _FRIDAY
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)


def freeze_at(period_ends: int, parameters: Parameters) -> int:
    """When the evidence set of a period is frozen unless the engagement says otherwise."""
    return period_ends + parameters.freeze_days * DAY


def backdated(performed_at: int, earliest_trace: int | None, parameters: Parameters) -> bool:
    """Whether a record claims to be much older than the earliest trace that a system holds of it.

    A trace is the creation of a file or the event of a ticket; where none is known, pass the time of receipt.
    """
    return earliest_trace is not None and earliest_trace - performed_at > parameters.backdating_days * DAY
