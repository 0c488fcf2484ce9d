"""Takes messages from the outbox to their receivers: in order, at least once, until each is sent or given up.

Each receiver has a queue of its own.  Its oldest message goes first, and while that one waits for its next attempt the
others wait behind it.  A message is marked as sent right after the receiver's yes; a crash in between sends it again
with the same key, by which the receiver knows it.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from enum import StrEnum

from pydantic import SecretStr

from agent.alerts.answer import Answer, Limits, Send
from agent.errors import OperatorError
from agent.sections import AlertRoute
from storage import outbox
from storage.engine import Store
from storage.errors import LeaseHeld
from storage.leases import lease
from storage.rows import OutboxRow

SECOND = 1_000_000
LEASE = "delivery"
FIRST_WAIT = 5.0
LONGEST_WAIT = 600.0
"""Seconds between attempts: doubled from the first to the longest."""
PATIENCE = 72 * 3600 * SECOND
"""A message that was not taken for this long is given up."""
LEAST_ATTEMPTS = 6
"""A message that got old while the agent was down still has this many attempts."""
KEPT = 30 * 86400 * SECOND
"""Sent messages are forgotten after this."""
SWEEP = 3600 * SECOND
"""How often they are looked for."""


class Result(StrEnum):
    """What became of one attempt."""

    SENT = "sent"
    RETRIED = "retried"
    """Not taken; there will be another attempt."""
    PARKED = "parked"
    """Given up until somebody says `alerts retry`."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One message and what became of it."""

    route: str
    key: str
    result: Result
    error: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one call of `deliver` did, in no order across receivers."""

    attempts: tuple[Attempt, ...] = ()

    @property
    def sent(self) -> int:
        """Messages that their receivers took."""
        return self._count(Result.SENT)

    @property
    def retried(self) -> int:
        """Messages that wait for another attempt."""
        return self._count(Result.RETRIED)

    @property
    def parked(self) -> int:
        """Messages that were given up."""
        return self._count(Result.PARKED)

    def _count(self, result: Result) -> int:
        return sum(attempt.result is result for attempt in self.attempts)


class Delivery:
    """Serves the receivers of one configuration."""

    def __init__(self, routes: Sequence[AlertRoute], store: Store, limits: Limits | None = None) -> None:
        """Prepare the receivers; nothing is connected yet."""
        self._store = store
        self._limits = limits or Limits()
        self._senders = {route.name: sender(route, self._limits) for route in routes}
        self._stopped = threading.Event()
        self._swept = -1

    def stop(self) -> None:
        """Begin no further message; one that is under way is finished."""
        self._stopped.set()

    def deliver(self, now: int) -> Delivered:
        """Send what is due at `now` (microseconds since the epoch), and forget what was sent long ago.

        Does nothing while another process delivers.  Raises StoreError; a message whose mark failed is sent again.
        """
        if not self._has_work(now):
            return Delivered()
        try:
            with lease(self._store, LEASE):
                return self._serve(now)
        except LeaseHeld:
            return Delivered()

    def _has_work(self, now: int) -> bool:
        """Look before taking the lease, which costs a connection of its own on PostgreSQL."""
        with self._store.read() as conn:
            due_at = outbox.next_due(conn)
        return (due_at is not None and due_at <= now) or now // SWEEP != self._swept

    def _serve(self, now: int) -> Delivered:
        began = time.monotonic()
        with self._store.operate() as conn:
            if now // SWEEP != self._swept:
                outbox.prune(conn, now - KEPT)
            strays = outbox.strays(conn, self._senders)
            for row in strays:
                outbox.park(conn, row.id, now, NO_ROUTE)
            routes = [row.route for row in outbox.due(conn, now)]
        self._swept = now // SWEEP
        attempts = [Attempt(row.route, row.key, Result.PARKED, NO_ROUTE) for row in strays]
        if not routes:
            return Delivered(tuple(attempts))
        pool = ThreadPoolExecutor(min(len(routes), self._limits.parallel), "delivery")
        try:
            turns = [pool.submit(self._turn, route, now, began) for route in routes]
            wait(turns)  # for all of them, so that the fault of one does not cut another short
        except BaseException:  # told to end: do not wait for receivers
            self.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        pool.shutdown()
        return Delivered((*attempts, *(attempt for turn in turns for attempt in turn.result())))

    def _turn(self, route: str, now: int, began: float) -> list[Attempt]:
        """Send one receiver's messages until the first that it does not take, or until its time is up."""
        attempts: list[Attempt] = []
        ends = time.monotonic() + self._limits.turn
        while not self._stopped.is_set() and time.monotonic() < ends:
            with self._store.read() as conn:
                found = outbox.due(conn, _moment(now, began), route)
            if not found:
                break
            (row,) = found
            answer = self._senders[route](row, _moment(now, began))
            attempts.append(self._settle(row, answer, _moment(now, began)))
            if attempts[-1].result is Result.RETRIED:
                break
        return attempts

    def _settle(self, row: OutboxRow, answer: Answer, now: int) -> Attempt:
        """Write down what the receiver said."""
        result = _result(row, answer, now)
        with self._store.operate() as conn:
            if result is Result.SENT:
                outbox.sent(conn, row.id, now)
            elif result is Result.PARKED:
                outbox.park(conn, row.id, now, answer.error, tried=True)
            else:
                outbox.retry(conn, row.id, now + round(pause(row, answer) * SECOND), answer.error)
        return Attempt(row.route, row.key, result, answer.error)


NO_ROUTE = "no receiver of this name is configured any more"


def sender(route: AlertRoute, limits: Limits) -> Send:
    """What hands messages to this receiver."""
    match (route.url, route.webhook, route.secret):
        case (SecretStr() as url, _, _):
            from agent.alerts.apprise_url import AppriseUrl  # noqa: PLC0415  # brings Apprise

            return AppriseUrl(url, limits)
        case (_, SecretStr() as address, SecretStr() as secret):
            from agent.alerts.webhook import Webhook  # noqa: PLC0415  # brings requests

            return Webhook(address, secret, limits)
        case _:
            message = f"alerts: {route.name}: needs a url, or a webhook with its secret"
            raise OperatorError(message)


def check(routes: Iterable[AlertRoute]) -> list[str]:
    """One line for each receiver whose address cannot be used; nothing is sent."""
    wrong = []
    for route in routes:
        if route.url is not None:
            from agent.alerts.apprise_url import is_usable  # noqa: PLC0415  # brings Apprise

            if not is_usable(route.url):
                wrong.append(
                    f"alerts: {route.name}: Apprise does not understand its url; check the scheme and its parts"
                )
    return wrong


def pause(row: OutboxRow, answer: Answer) -> float:
    """Seconds until the next attempt: doubled each time, spread a little, never less than the receiver asked for.

    The spread is the same for the same message and attempt, and differs between messages.
    """
    longest = min(FIRST_WAIT * 2.0 ** min(row.attempts, 20), LONGEST_WAIT)
    number = int.from_bytes(hashlib.sha256(f"{row.key}/{row.attempts}".encode()).digest()[:8], "big")
    return max(longest * (0.8 + 0.2 * number / 2**64), min(answer.wait, LONGEST_WAIT))


def _result(row: OutboxRow, answer: Answer, now: int) -> Result:
    if not answer.error:
        return Result.SENT
    if answer.permanent:
        return Result.PARKED
    if now - row.created_at >= PATIENCE and row.attempts + 1 >= LEAST_ATTEMPTS:
        return Result.PARKED
    return Result.RETRIED


def _moment(now: int, began: float) -> int:
    """The caller's time, moved on by what has passed since."""
    return now + round((time.monotonic() - began) * SECOND)
