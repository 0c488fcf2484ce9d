"""The accounts that a worker has open: found in its own settings, checked, and shared by its jobs for a while."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from agent.collect import open_account
from agent.config import Settings
from agent.errors import OperatorError
from agent.fanout import Part
from agent.run import Account
from agent.target_sections import AnyTarget, AwsTarget
from agent.targets import member_of, own_account

MOST = 8
"""Accounts that are kept open, some 20 MB each; the one that was asked for longest ago gives way."""
LIFETIME = 900.0
"""Seconds after which an account is opened anew, so that a changed role or credential is noticed."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An account that is what the run takes it for."""

    provider: Account
    concurrency: int
    """Calls that may be under way at once."""


@dataclass(slots=True)
class _Place:
    lock: threading.Lock = field(default_factory=threading.Lock)
    opened: Opened | None = None
    until: float = 0.0
    """By `time.monotonic`."""


class Accounts:
    """Opens each account once for all jobs that read it, whichever thread comes first."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened yet."""
        self._settings = settings
        self._guard = threading.Lock()
        self._places: dict[tuple[str, str, tuple[str, ...]], _Place] = {}

    def open(self, part: Part) -> Opened:
        """The account that a part is read from.  Raises OperatorError, TargetUnreachable."""
        key = (part.target, part.account, part.regions)
        now = time.monotonic()
        with self._guard:
            for old in [key for key, place in self._places.items() if place.opened and place.until < now]:
                del self._places[old]
            place = self._places.pop(key, None) or _Place()
            self._places[key] = place  # the newest last
            while len(self._places) > MOST:
                del self._places[next(iter(self._places))]
        with place.lock:
            if place.opened is None:
                place.opened = _open(target_of(self._settings, part), part)
                place.until = now + LIFETIME
            return place.opened


def target_of(settings: Settings, part: Part) -> AnyTarget:
    """The target of a part as these settings have it, with the regions of the run.  Raises OperatorError."""
    owner, _, account = part.target.partition("/")
    target = next((each for each in settings.targets if each.name == owner), None)
    if target is None:
        message = f"the worker's settings have no target {owner!r}"
        raise OperatorError(message)
    found = member_of(target, account, partition=part.partition) if account else own_account(target)
    if isinstance(found, AwsTarget):
        return found.model_copy(update={"regions": part.regions or found.regions})
    return found


def _open(target: AnyTarget, part: Part) -> Opened:
    provider = open_account(target)
    found = provider.identify().account
    if found != part.account:
        message = f"the worker reaches account {found} as {part.target!r}, where the run reads {part.account}"
        raise OperatorError(message)
    return Opened(provider, target.concurrency)
