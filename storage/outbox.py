"""Watched conditions and the messages about them: written with the run that changed them, sent afterwards.

The outbox is a queue per receiver, in the order in which messages were written.  Nothing here is evidence.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.blobs import in_chunks
from storage.rows import Alerts
from storage.tables import alert, outbox


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


def states(conn: Connection, keys: Collection[str] | None = None) -> dict[str, bytes]:
    """State of each of these conditions that is known, or of all."""
    if keys is None:
        return {key: bytes(state) for key, state in conn.execute(select(alert.c.key, alert.c.state))}
    found: dict[str, bytes] = {}
    for some in in_chunks(keys):
        rows = conn.execute(select(alert.c.key, alert.c.state).where(alert.c.key.in_(some)))
        found |= {key: bytes(state) for key, state in rows}
    return found
