"""Signs of life: each process that works on the store says so now and then.  Nothing here is evidence."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.engine import Store
from storage.rows import DaemonRow
from storage.tables import daemon

SILENT = 24 * 3600 * 1_000_000
"""Microseconds without a sign of life after which a process is forgotten."""


def beat(store: Store, row: DaemonRow) -> None:
    """Keep the newest sign of life of a process, and forget those that were silent for a day before it."""
    insert = sqlite.insert(daemon) if store.dialect == "sqlite" else postgresql.insert(daemon)
    values = asdict(row)
    newest = {name: value for name, value in values.items() if name != "name"}
    with store.operate() as conn:
        conn.execute(insert.values(values).on_conflict_do_update(index_elements=["name"], set_=newest))
        conn.execute(delete(daemon).where(daemon.c.beat_at < row.beat_at - SILENT))


def daemons(conn: Connection) -> list[DaemonRow]:
    """Every process that is not forgotten, by name; whether it still lives, its last beat tells."""
    found = conn.execute(select(daemon).order_by(daemon.c.name)).mappings()
    return [DaemonRow(**{**row, "state": bytes(row["state"])}) for row in found]


def forget(store: Store, name: str) -> None:
    """Drop a process that says good-bye."""
    with store.operate() as conn:
        conn.execute(delete(daemon).where(daemon.c.name == name))
