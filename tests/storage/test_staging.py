"""Pages from other processes: taken while the run is open, never after, and the first finished attempt counts."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, func, select

from storage import staging, tables
from storage.engine import Store
from storage.errors import RunUnknown
from storage.staging import Page

RUN = "run-1"
PAGES = [Page("a1/toy.things/east", 0, b"{}"), Page("a1/toy.things/east", 1, b'{"x":1}')]


def opened(store: Store) -> None:
    """Open the gate of the run."""
    with store.operate() as conn:
        staging.open_gate(conn, RUN)


def cleared(store: Store) -> None:
    """What sealing and aborting do in the end."""
    with store.write() as conn:
        staging.clear(conn, RUN)


def rows(store: Store) -> int:
    """Rows of every kind that are left."""
    with store.read() as conn:
        return conn.scalar(select(func.count()).select_from(tables.staging)) or 0


def test_pages_are_taken_while_the_run_is_open(store: Store) -> None:
    """What was contributed is there in order; gate and marks are no pages."""
    opened(store)
    staging.contribute(store, RUN, PAGES)
    staging.contribute(store, RUN, PAGES[:1])
    staging.mark(store, RUN, "east/toy", b"first")

    with store.read() as conn:
        assert list(staging.pages(conn, RUN)) == PAGES
        assert staging.marks(conn, RUN) == {"east/toy": b"first"}


def test_only_the_first_mark_counts(store: Store) -> None:
    """A second attempt at the same part cannot take the first one's place."""
    opened(store)
    for said in (b"first", b"second"):
        staging.mark(store, RUN, "east/toy", said)

    with store.read() as conn:
        assert staging.marks(conn, RUN) == {"east/toy": b"first"}


def test_run_that_was_never_opened_takes_nothing(store: Store) -> None:
    """Neither pages nor a mark."""
    with pytest.raises(RunUnknown, match="takes no more pages"):
        staging.contribute(store, RUN, PAGES)
    with pytest.raises(RunUnknown):
        staging.mark(store, RUN, "east/toy", b"first")

    assert rows(store) == 0


def test_late_worker_leaves_nothing_behind(store: Store) -> None:
    """After the run has ended nothing is left, and nothing can be added."""
    opened(store)
    staging.contribute(store, RUN, PAGES)
    staging.mark(store, RUN, "east/toy", b"first")
    cleared(store)

    with pytest.raises(RunUnknown):
        staging.contribute(store, RUN, PAGES)
    assert rows(store) == 0


def test_end_of_a_run_waits_for_pages_being_written(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages whose transaction began before the end and is committed during it are dropped with the others."""
    opened(store)
    wrote, go_on = threading.Event(), threading.Event()
    insert = staging._insert

    def slowly(conn: Connection, run_id: str, pages: Sequence[Page]) -> None:
        insert(conn, run_id, pages)
        wrote.set()
        assert go_on.wait(10)

    monkeypatch.setattr(staging, "_insert", slowly)
    writer = threading.Thread(target=staging.contribute, args=(store, RUN, PAGES))
    writer.start()
    assert wrote.wait(10)
    end = threading.Thread(target=cleared, args=(store,))
    end.start()
    end.join(0.3)
    waited = end.is_alive()
    go_on.set()
    writer.join(10)
    end.join(10)

    assert waited
    assert rows(store) == 0
