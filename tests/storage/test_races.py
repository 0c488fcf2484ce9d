"""Several processes at once, and processes that die: one history, nothing acknowledged is lost."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage import canon, ledger, merkle, reads, staging
from storage.engine import Store
from storage.errors import SlotSealed
from storage.seal import abort
from storage.tables import heartbeat, version, volatile
from tests.conftest import JANUARY, Clock
from tests.storage.builders import HOUR, PROD, run

ROOT = Path(__file__).parents[2]
APPENDER = """
import sys, time
from storage.engine import open_store
from storage.rows import Target
from tests.storage.builders import bucket, document, run
url, name, first, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
clock = lambda: time.time_ns() // 1000
with open_store(url, clock=clock) as store:
    for n in range(first, first + count):
        seq = run(store, clock, n, Target("aws", name, name), documents={bucket("a"): document("a", N=n)})
        print(n, seq, flush=True)
"""


def appender(url: str, name: str, first: int, count: int) -> subprocess.Popen[str]:
    """A process that seals runs one after another and says so after each commit."""
    arguments = [sys.executable, "-c", APPENDER, url, name, str(first), str(count)]
    return subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def check_whole(store: Store) -> int:
    """Assert that the ledger is one dense canonical history and that each run is whole; return the runs."""
    with store.read() as conn:
        edge = merkle.CompactRange()
        runs = 0
        last = 0
        for n, entry in enumerate(ledger.entries(conn)):
            said = canon.parse_canonical(entry.entry)
            assert (said["seq"], entry.seq, entry.leaf) == (n, n, merkle.leaf_hash(entry.entry))
            assert entry.recorded_at >= last
            last = entry.recorded_at
            edge.append(entry.leaf)
            runs += entry.type == "run"
        assert ledger.root(conn) == edge.root()
        for table in (heartbeat, volatile, version):
            assert conn.scalar(select(func.count()).select_from(table)) == runs
    return runs


def test_two_processes_append_one_history(database_url: str, store: Store) -> None:
    """Runs sealed by two processes at once all arrive, in one dense history."""
    processes = [appender(database_url, name, 0, 15) for name in ("one", "two")]
    said = [process.communicate(timeout=120)[0].split("\n")[:-1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert [len(lines) for lines in said] == [15, 15]
    assert check_whole(store) == 30


def test_killed_writers_lose_nothing_acknowledged(database_url: str, store: Store, clock: Clock) -> None:
    """Writers killed at any instant leave whole runs only, all acknowledged ones too, and orphans to abort."""
    chance = random.Random(7)
    acknowledged: dict[int, int] = {}
    for turn in range(4):
        with appender(database_url, "victim", turn * 1000, 1000) as process:
            assert process.stdout is not None
            for _ in range(3):
                n, seq = process.stdout.readline().split()
                acknowledged[int(n)] = int(seq)
            time.sleep(chance.random() * 0.03)
            process.send_signal(signal.SIGKILL)
            # The last line may be cut, so only those with their line end count.
            for line in process.stdout.read().split("\n")[:-1]:
                n, seq = line.split()
                acknowledged[int(n)] = int(seq)
    runs = check_whole(store)
    assert runs >= len(acknowledged) >= 12
    with store.read() as conn:
        sealed = {row.slot: row.seq for row in reads.runs(conn)}
        orphans = staging.orphans(conn)
    assert acknowledged.items() <= sealed.items()
    clock.time = time.time_ns() // 1000
    for orphan in orphans:
        abort(store, orphan.start_seq, "AGENT_DOWN")
    with store.read() as conn:
        assert staging.orphans(conn) == []
    assert check_whole(store) == runs


def test_two_processes_want_one_slot(database_url: str, store: Store, clock: Clock) -> None:
    """A slot that another process sealed is refused here, whoever believed to be in charge."""
    with appender(database_url, PROD.name, JANUARY, 1) as process:
        process.wait(timeout=60)
    clock.time = time.time_ns() // 1000
    with store.read() as conn:
        (taken,) = reads.targets(conn)
    with pytest.raises(SlotSealed):
        run(store, clock, JANUARY, taken)
    assert run(store, clock, JANUARY + HOUR, taken) > 0
