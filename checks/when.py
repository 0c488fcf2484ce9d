"""Ages and dates as checks compare and print them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def older_than(then: datetime, days: float, now: datetime) -> bool:
    """Whether more than `days` passed from `then` to `now`; exactly that many are still fine.

    Both moments carry a time zone.
    """
    return now - then > timedelta(days=days)


def day(then: datetime) -> str:
    """The date of a moment in UTC, as ISO 8601: `2026-01-31`."""
    return then.astimezone(UTC).date().isoformat()
