"""Signs of life of processes, on both databases."""

from __future__ import annotations

from dataclasses import replace

from storage import daemons
from storage.engine import Store
from storage.rows import DaemonRow
from tests.conftest import JANUARY

_DAY = 24 * 3600 * 1_000_000
_LEADER = DaemonRow("host-a:17", "standby", "0.1.0", JANUARY, JANUARY, b'{"running":[]}')
_WORKER = DaemonRow("host-b:4", "worker", "0.1.0", JANUARY, JANUARY + 5, b"{}")


def _all(store: Store) -> list[DaemonRow]:
    with store.read() as conn:
        return daemons.daemons(conn)


def test_a_beat_is_given_back_as_it_was_said(store: Store) -> None:
    """Each process has one row, ordered by name."""
    daemons.beat(store, _WORKER)
    daemons.beat(store, _LEADER)
    assert _all(store) == [_LEADER, _WORKER]


def test_a_later_beat_takes_the_place_of_the_one_before(store: Store) -> None:
    """Role, time and state are those of the newest beat."""
    daemons.beat(store, _LEADER)
    later = replace(_LEADER, role="leader", beat_at=JANUARY + 10, state=b'{"running":["prod"]}')
    daemons.beat(store, later)
    assert _all(store) == [later]


def test_who_was_silent_for_a_day_is_forgotten(store: Store) -> None:
    """A process that beat a day before is kept; one that beat a moment earlier is not."""
    daemons.beat(store, _LEADER)
    daemons.beat(store, _WORKER)
    beating = replace(_LEADER, name="host-c:1", beat_at=_WORKER.beat_at + _DAY)
    daemons.beat(store, beating)
    assert _all(store) == [_WORKER, beating]


def test_who_says_good_bye_is_forgotten(store: Store) -> None:
    """Only the process of that name is dropped, and a stranger's good-bye is no error."""
    daemons.beat(store, _LEADER)
    daemons.beat(store, _WORKER)
    daemons.forget(store, _LEADER.name)
    daemons.forget(store, "host-z:9")
    assert _all(store) == [_WORKER]
