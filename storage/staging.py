"""Pages in flight: what a run has read so far, so that a crash loses one page at most.

Pages are written as they arrive, each batch durable on return, and are gone once the run is sealed or
aborted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from storage import canon
from storage.engine import Store
from storage.rows import Target
from storage.tables import ledger, staging, target


@dataclass(frozen=True, slots=True)
class Page:
    """One page of one task of a run."""

    task: str
    page: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Orphan:
    """A run that was announced and neither sealed nor aborted."""

    start_seq: int
    run_id: str
    target: Target
    slot: int
    started: int


def put(store: Store, run_id: str, pages: Sequence[Page]) -> None:
    """Keep a batch of pages.

    A page that is already there stays as it is: a repeated task changes nothing.
    """
    rows = [{"run_id": run_id, "task": p.task, "page": p.page, "payload": p.payload} for p in pages]
    if not rows:
        return
    insert = sqlite.insert(staging) if store.dialect == "sqlite" else postgresql.insert(staging)
    with store.operate() as conn:
        conn.execute(insert.on_conflict_do_nothing(), rows)


def pages(conn: Connection, run_id: str) -> Iterator[Page]:
    """Pages of a run by task and page number."""
    query = select(staging.c.task, staging.c.page, staging.c.payload).where(staging.c.run_id == run_id)
    for row in conn.execute(query.order_by(staging.c.task, staging.c.page)):
        yield Page(row.task, row.page, bytes(row.payload))


def clear(conn: Connection, run_id: str) -> None:
    """Drop the pages of a run."""
    conn.execute(delete(staging).where(staging.c.run_id == run_id))


def orphans(conn: Connection) -> list[Orphan]:
    """Runs that were announced and never ended, oldest first.

    Whether one still runs, its target's lease tells.
    """
    ending = ledger.alias()
    query = (
        select(ledger.c.seq, ledger.c.entry, ledger.c.slot, target.c.cloud, target.c.name, target.c.account)
        .select_from(ledger)
        .join(target, target.c.target_id == ledger.c.target_id)
        .join(ending, ending.c.ref == ledger.c.seq, isouter=True)
        .where(ledger.c.type == "run-start", ending.c.seq.is_(None))
        .order_by(ledger.c.seq)
    )
    found = []
    for row in conn.execute(query):
        entry = canon.parse_canonical(bytes(row.entry))
        who = Target(row.cloud, row.name, row.account)
        found.append(Orphan(row.seq, str(entry["run_id"]), who, row.slot, int(str(entry["started"]))))
    return found
