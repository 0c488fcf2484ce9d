"""Four workers read for one daemon; one is killed and one is told to end in the middle, and nothing shows for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import daemons
from tests.end_to_end.program import Program, finish, outcomes
from tests.house.tree import ROOT

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
WORKERS, PARTS_EACH = 4, 2
LATENCY = 0.05
PATIENCE = 60.0
QUICKLY = 5.0
"""Seconds within which a worker ends that is told to."""


class Crew:
    """Worker processes, and what they say."""

    def __init__(self, program: Program) -> None:
        """Nobody works yet."""
        self._program = program
        self.processes: list[subprocess.Popen[str]] = []

    def start(self, *words: str) -> subprocess.Popen[str]:
        """One process of the program; what it says goes into a file."""
        log = self._log(len(self.processes))
        with log.open("w", encoding="utf-8") as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", "agent", *words, "--json", "--config", str(self._program.file)],
                cwd=self._program.folder,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=stream,
                stderr=stream,
                text=True,
            )
        self.processes.append(process)
        return process

    def said(self) -> str:
        """Everything that all of them have said."""
        return "".join(self._log(number).read_text(encoding="utf-8") for number in range(len(self.processes)))

    def end(self) -> None:
        """Leave no process behind."""
        for process in self.processes:
            process.kill()
            finish(process)

    def _log(self, number: int) -> Path:
        return self._program.folder / f"process-{number}.log"


@pytest.fixture
def crew(program: Program, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crew]:
    """Nobody yet; the settings leave the reading to workers."""
    monkeypatch.setenv("PROOFKEEP_WORKERS__ENABLED", "true")
    monkeypatch.setenv("PROOFKEEP_WORKERS__STALLED", "2s")
    monkeypatch.setenv("PROOFKEEP_DAEMON__LISTEN", "")
    made = Crew(program)
    yield made
    made.end()


def until(met: Callable[[], bool], crew: Crew) -> None:
    """Wait for something; fail with what the processes have said when it does not come."""
    end = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < end, crew.said()
        time.sleep(0.02)


def test_workers_come_and_go_and_the_run_is_whole(program: Program, crew: Crew) -> None:
    """Nothing is lost, nothing doubled, the run is sealed once, and no page and no job is left."""
    assert program.collect().code == 0
    clean, documents = program.verdicts(), program.documents()
    workers = [crew.start("worker", "--concurrency", str(PARTS_EACH)) for _ in range(WORKERS)]

    with program.store() as store:

        def here() -> int:
            with store.read() as conn:
                return sum(row.role == "worker" for row in daemons.daemons(conn))

        def jobs(status: str = "") -> int:
            query = "SELECT count(*) FROM procrastinate.procrastinate_jobs WHERE task_name = 'fetch'"
            with store.read() as conn:
                return int(conn.execute(text(query + (f" AND status = '{status}'" if status else ""))).scalar_one())

        until(lambda: here() == WORKERS, crew)
        program.account.faults.latency = LATENCY
        daemon = crew.start("run", "--once")
        until(lambda: jobs("doing") == WORKERS * PARTS_EACH, crew)
        workers[0].kill()
        workers[1].send_signal(signal.SIGTERM)
        told = time.monotonic()
        assert workers[1].wait(PATIENCE) == 0
        assert time.monotonic() - told < QUICKLY
        assert daemon.wait(PATIENCE) == 0, crew.said()

        runs = program.ledger("run")
        assert len(runs) == 2
        assert runs[-1].said["status"] == "complete"
        assert runs[-1].said["documents"] == runs[0].said["documents"]
        assert program.verdicts().keys() == clean.keys()
        assert outcomes(program.verdicts()) == outcomes(clean)
        assert program.documents() == documents
        assert program.wrong() == []
        assert '"event":"worker.lost"' in crew.said()
        assert '"event":"part.failed"' not in crew.said()
        until(lambda: jobs() == 0, crew)
        with store.read() as conn:
            assert conn.execute(text("SELECT count(*) FROM staging")).scalar_one() == 0

        told = time.monotonic()
        for worker in workers[2:]:
            worker.terminate()
        assert [worker.wait(PATIENCE) for worker in workers[2:]] == [0, 0]
        assert time.monotonic() - told < QUICKLY
        assert here() == 1, "only the killed one did not say good-bye"
        assert "Traceback" not in crew.said()
