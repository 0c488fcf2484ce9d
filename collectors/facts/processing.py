"""Work that goes on while nobody looks, in queues, state machines and jobs; and what becomes of it when it fails."""

from __future__ import annotations

from dataclasses import dataclass

from collectors.facts.core import Fact, Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class UnattendedWork(Fact):
    """Something that works through tasks by itself."""

    what: str
    """In words: `queue`, `state machine`."""
    failures_kept: bool | None | Unread
    """What fails again and again is put aside for people; None where there is a history of runs, and nothing to set."""
    takes_failures: bool | Unread
    """It is itself where some other one puts what failed."""
    measures: tuple[str, ...] | Unread
    """What grows when work fails or is left lying, as `MetricAlarm.watches` has it."""
    events: tuple[str, ...] | Unread
    """What the provider reports when work fails, as `ChangeAlert.events` has it: `failed:data_job nightly`."""
