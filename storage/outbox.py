"""Watched conditions and the messages about them: written with the run that changed them, sent afterwards.

The outbox is a queue per receiver, in the order in which messages were written.  Nothing here is evidence.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, Select, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.blobs import in_chunks
from storage.rows import Alerts, OutboxRow
from storage.tables import alert, outbox

PENDING, SENT, FAILED = "pending", "sent", "failed"


def queue(conn: Connection, now: int, alerts: Alerts) -> None:
    """Keep new states of conditions and put messages into the outbox, inside the caller's transaction.

    A message whose key is there already is the same message and is left alone.
    """
    for some in in_chunks(alerts.states):
        conn.execute(delete(alert).where(alert.c.key.in_(some)))
    states = [{"key": key, "state": state, "updated_at": now} for key, state in alerts.states.items() if state]
    if states:
        conn.execute(alert.insert(), states)
    if alerts.messages:
        insert = sqlite.insert(outbox) if conn.dialect.name == "sqlite" else postgresql.insert(outbox)
        rows = [
            {"key": one.key, "route": one.route, "payload": one.payload, "created_at": now, "next_at": now}
            for one in alerts.messages
        ]
        conn.execute(insert.on_conflict_do_nothing(), rows)


def states(conn: Connection, keys: Collection[str] | None = None, *, prefix: str = "") -> dict[str, bytes]:
    """State of each of these conditions that is known, or of all whose keys begin with `prefix`."""
    if keys is None:
        query = select(alert.c.key, alert.c.state)
        if prefix:
            # A range, which the index serves in both databases; keys are compared byte by byte.
            query = query.where(alert.c.key >= prefix, alert.c.key < prefix[:-1] + chr(ord(prefix[-1]) + 1))
        return {key: bytes(state) for key, state in conn.execute(query)}
    found: dict[str, bytes] = {}
    for some in in_chunks(keys):
        rows = conn.execute(select(alert.c.key, alert.c.state).where(alert.c.key.in_(some)))
        found |= {key: bytes(state) for key, state in rows}
    return found


def due(conn: Connection, now: int, route: str | None = None) -> list[OutboxRow]:
    """The oldest pending message of each receiver, or of one, where its time has come.

    While the oldest waits nothing behind it is due: a receiver gets its messages in their order.
    """
    return _rows(conn, select(outbox).where(_oldest(route), outbox.c.next_at <= now))


def next_due(conn: Connection) -> int | None:
    """When the next message is due, in microseconds since the epoch, which may have passed; None: nothing waits."""
    found: int | None = conn.scalar(select(func.min(outbox.c.next_at)).where(_oldest(None)))
    return found


def waiting(conn: Connection) -> list[OutboxRow]:
    """Every message that is pending or was given up, oldest first."""
    return _rows(conn, select(outbox).where(outbox.c.state != SENT))


def strays(conn: Connection, known: Collection[str]) -> list[OutboxRow]:
    """Pending messages to receivers other than these."""
    return _rows(conn, select(outbox).where(outbox.c.state == PENDING, outbox.c.route.not_in(tuple(known))))


def counts(conn: Connection) -> dict[tuple[str, str], int]:
    """Number of messages by receiver and state."""
    grouped = select(outbox.c.route, outbox.c.state, func.count()).group_by(outbox.c.route, outbox.c.state)
    return {(route, state): number for route, state, number in conn.execute(grouped)}


def sent(conn: Connection, row_id: int, now: int) -> None:
    """Mark a pending message as taken by its receiver."""
    _settle(conn, row_id, state=SENT, attempts=outbox.c.attempts + 1, settled_at=now, error=None)


def retry(conn: Connection, row_id: int, next_at: int, error: str) -> None:
    """Note a failed attempt, and when the next one is due."""
    _settle(conn, row_id, attempts=outbox.c.attempts + 1, next_at=next_at, error=error)


def park(conn: Connection, row_id: int, now: int, error: str, *, tried: bool = False) -> None:
    """Give a pending message up; the next one of its receiver can go.  `tried`: after one more attempt."""
    _settle(conn, row_id, state=FAILED, attempts=outbox.c.attempts + int(tried), settled_at=now, error=error)


def requeue(conn: Connection, now: int, route: str | None = None) -> int:
    """Make the messages that were given up pending again, of one receiver or of all; return how many.

    They keep their place in the queue, and their age counts from now on.
    """
    parked = outbox.c.state == FAILED
    if route is not None:
        parked &= outbox.c.route == route
    fresh = {"state": PENDING, "attempts": 0, "created_at": now, "next_at": now, "settled_at": None, "error": None}
    return conn.execute(update(outbox).where(parked).values(**fresh)).rowcount


def prune(conn: Connection, time: int) -> int:
    """Forget the messages that were sent before this time; return how many."""
    return conn.execute(delete(outbox).where(outbox.c.state == SENT, outbox.c.settled_at < time)).rowcount


def _oldest(route: str | None) -> ColumnElement[bool]:
    """The row is the oldest pending one of its receiver."""
    pending = select(func.min(outbox.c.id)).where(outbox.c.state == PENDING)
    if route is not None:
        pending = pending.where(outbox.c.route == route)
    return outbox.c.id.in_(pending.group_by(outbox.c.route))


def _settle(conn: Connection, row_id: int, **values: object) -> None:
    """Change one message, if nobody has settled it meanwhile."""
    conn.execute(update(outbox).where(outbox.c.id == row_id, outbox.c.state == PENDING).values(**values))


def _rows(conn: Connection, query: Select[*tuple[object, ...]]) -> list[OutboxRow]:
    """Shape the rows of the table, oldest first."""
    found = conn.execute(query.order_by(outbox.c.id)).mappings()
    return [OutboxRow(**{**row, "payload": bytes(row["payload"])}) for row in found]
