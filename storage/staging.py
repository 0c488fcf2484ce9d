"""Pages in flight: what a run has read so far, so that a crash loses one page at most.

Pages are written as they arrive, each batch durable on return, and are gone once the run is sealed or
aborted.

Other processes may read parts of a run.  They stage pages only while the run's gate is there, which goes with its
pages, so one that wakes up late leaves nothing behind.  Which attempt at a part counts, the first mark decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from storage import canon
from storage.engine import Store
from storage.errors import RunUnknown
from storage.rows import Target
from storage.tables import ledger, staging, target

_GATE = "gate"
_DONE = "done/"
_ASIDE = -1
"""Page number of the gate and of marks, which are no pages."""


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
    if not pages:
        return
    with store.operate() as conn:
        _insert(conn, run_id, pages)


def open_gate(conn: Connection, run_id: str) -> None:
    """Let other processes stage pages of a run until `clear`."""
    conn.execute(staging.insert(), {"run_id": run_id, "task": _GATE, "page": _ASIDE, "payload": b""})


def contribute(store: Store, run_id: str, pages: Sequence[Page]) -> None:
    """Keep a batch of pages from another process.  RunUnknown when the run takes no more."""
    _add(store, run_id, pages)


def mark(store: Store, run_id: str, part: str, payload: bytes) -> None:
    """Say that a part of a run was read, or given up; only the first word counts.  RunUnknown as `contribute`."""
    _add(store, run_id, [Page(_DONE + part, _ASIDE, payload)])


def marks(conn: Connection, run_id: str) -> dict[str, bytes]:
    """What was first said of each part of a run that is done."""
    done = (staging.c.run_id == run_id) & (staging.c.page == _ASIDE) & (staging.c.task != _GATE)
    rows = conn.execute(select(staging.c.task, staging.c.payload).where(done))
    return {row.task.removeprefix(_DONE): bytes(row.payload) for row in rows}


def pages(conn: Connection, run_id: str) -> Iterator[Page]:
    """Pages of a run by task and page number."""
    query = select(staging.c.task, staging.c.page, staging.c.payload).where(
        staging.c.run_id == run_id, staging.c.page != _ASIDE
    )
    for row in conn.execute(query.order_by(staging.c.task, staging.c.page)):
        yield Page(row.task, row.page, bytes(row.payload))


def clear(conn: Connection, run_id: str) -> None:
    """Drop the pages of a run, gate first.

    Who stages at this moment holds the gate and is waited for, so the second statement sees all that was written.
    """
    conn.execute(delete(staging).where(_gate_of(run_id)))
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


def _add(store: Store, run_id: str, pages: Sequence[Page]) -> None:
    """Write while holding the gate, so that nobody closes it meanwhile."""
    with store.operate() as conn:
        held = select(staging.c.task).where(_gate_of(run_id)).with_for_update(read=True, key_share=True)
        if conn.scalar(held) is None:
            raise RunUnknown(f"run {run_id} takes no more pages; it has ended")
        if pages:
            _insert(conn, run_id, pages)


def _gate_of(run_id: str) -> ColumnElement[bool]:
    return (staging.c.run_id == run_id) & (staging.c.task == _GATE) & (staging.c.page == _ASIDE)


def _insert(conn: Connection, run_id: str, pages: Sequence[Page]) -> None:
    rows = [{"run_id": run_id, "task": p.task, "page": p.page, "payload": p.payload} for p in pages]
    insert = sqlite.insert(staging) if conn.dialect.name == "sqlite" else postgresql.insert(staging)
    conn.execute(insert.on_conflict_do_nothing(), rows)
