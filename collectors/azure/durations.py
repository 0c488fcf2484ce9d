"""Spans of time as Azure writes them."""

from __future__ import annotations

import re

_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T.*)?")
_DAYS = (365, 30, 7, 1)
"""Days of a year, a month, a week and a day."""


def days(duration: str) -> int:
    """Whole days of an ISO 8601 duration such as `P90D` or `P1Y`.  Raises ValueError for anything else.

    What is shorter than a day counts as none, and a month has 30 days.
    """
    found = _DURATION.fullmatch(duration)
    if found is None:
        raise ValueError(f"{duration!r} is no duration")
    return sum(int(count or 0) * each for count, each in zip(found.groups(), _DAYS, strict=True))
