"""Keeps calls below what a company wants to ask of its cloud: so many a second of each service and region."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

OTHERS = "*"
"""Stands for every service that has no limit of its own."""


class Rates:
    """Token buckets, one for each service and region, shared by all threads that read one account."""

    def __init__(self, limits: Mapping[str, float]) -> None:
        """`limits`: calls a second by the SDK's name of the service, `*` for all others.  No limit, no waiting."""
        self._limits = limits
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def limit(self, service: str) -> float | None:
        """Calls a second of a service in one region; None when nobody limits it."""
        return self._limits.get(service, self._limits.get(OTHERS))

    def wait(self, service: str, region: str) -> None:
        """Return when one more call may be sent.

        Places are given out in the order of arrival, and each thread then sleeps until its own.
        """
        limit = self.limit(service)
        if limit is None:
            return
        with self._lock:
            pause = self._buckets.setdefault((service, region), _Bucket(limit)).take(time.monotonic())
        if pause > 0:
            time.sleep(pause)


class _Bucket:
    """Fills with `rate` tokens a second up to one second's worth; what is owed is waited for."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._most = max(rate, 1.0)
        self._tokens = self._most
        self._at = time.monotonic()

    def take(self, now: float) -> float:
        """Take one token; the seconds until it is there."""
        self._tokens = min(self._most, self._tokens + (now - self._at) * self._rate) - 1
        self._at = now
        return max(-self._tokens / self._rate, 0.0)
