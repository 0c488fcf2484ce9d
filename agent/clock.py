"""The only place that asks what time it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> int:
    """Microseconds since the epoch, UTC."""
    return time.time_ns() // 1000


def to_datetime(micros: int) -> datetime:
    """The instant as a datetime with its zone."""
    return EPOCH + timedelta(microseconds=micros)


def from_datetime(instant: datetime) -> int:
    """Microseconds since the epoch."""
    return (instant - EPOCH) // timedelta(microseconds=1)


def iso(micros: int) -> str:
    """`2026-03-14T09:26:53.589793Z`; the fraction only where there is one."""
    return to_datetime(micros).isoformat().replace("+00:00", "Z")


def iso_or_none(micros: int | None) -> str | None:
    """The same of an instant that may not have come."""
    return None if micros is None else iso(micros)


def parse(text: str) -> int:
    """Microseconds of an ISO 8601 instant or date; without a zone it is UTC.  Raises ValueError."""
    instant = datetime.fromisoformat(text)
    return from_datetime(instant if instant.tzinfo else instant.replace(tzinfo=UTC))
