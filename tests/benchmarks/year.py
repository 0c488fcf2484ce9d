"""A year in the store: 10,000 resources read every hour and 100,000 verdicts, sealed run by run.

Measured in a process of its own (`python -m tests.benchmarks.year FOLDER RUNS DATABASE`), which prints its numbers as
JSON.  Fewer runs than a year's are carried forward from the growth between the middle and the end, and the line
says so.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from tests.benchmarks.lines import BenchmarkFailed, Line
from tests.benchmarks.processes import environment

if TYPE_CHECKING:
    from storage.engine import Store
    from storage.notes import Signer
    from storage.rows import Target
    from tests.benchmarks.workload import Workload

YEAR = 8_760
RESOURCES = 9_500
ACCOUNT = 500
"""Resources of the second account, read once a day, whose state is asked for."""
_DAY = 24
_BEGIN = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z."""
_ASKED = 21
"""How often each question is put."""


def measure(folder: Path, *, runs: int, database: str) -> Iterator[Line]:
    """The lines of the year, on SQLite, on a PostgreSQL of our own (`embedded`), or at an empty one's URL."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.year", str(folder), str(runs), database],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchmarkFailed("the year did not come to its end; its complaint stands above")
    found = json.loads(done.stdout)
    where, carried = found["where"], "" if runs == YEAR else f"carried forward from {runs} runs: "
    yield Line(
        "year",
        f"{where}: a year of {RESOURCES + ACCOUNT:,} resources",
        _carry(found["size"], runs) / 1e6,
        90,
        "MB",
        f"{carried}{found['size'][1] / 1e6:.1f} MB after {runs} runs, {_slope(found['size'], runs) / 1e3:.2f} kB a run",
    )
    yield Line(
        "year",
        f"{where}: seal of a steady run, median",
        found["seal"],
        60,
        "ms",
        f"p95 {found['seal_p95']:.0f} ms; {found['seal_cpu']:.0f} ms CPU here; first run {found['first']:.1f} s; "
        f"announcing a run and signing the ledger {found['around']:.1f} ms",
    )
    yield Line("year", f"{where}: one account at a past time, {ACCOUNT} documents", found["as_of"], 60, "ms")
    yield Line(
        "year",
        f"{where}: timeline of one resource",
        found["timeline"],
        5,
        "ms",
        f"{found['steps']} runs changed it",
    )
    yield Line(
        "year",
        f"{where}: verify all of it",
        _carry(found["verify"], runs),
        5,
        "s",
        f"{carried}{found['verify'][1]:.1f} s after {runs} runs, {found['verify_cpu']:.1f} s CPU here; "
        f"{found['entries']} entries, {found['bytes'] / 1e6:.0f} MB of evidence",
    )


def _slope(middle_and_end: list[float], runs: int) -> float:
    """Growth per run in the second half."""
    return (middle_and_end[1] - middle_and_end[0]) / (runs - runs // 2)


def _carry(middle_and_end: list[float], runs: int) -> float:
    """What it is after a year.  Nothing shrinks: where few runs show no growth, the end stands."""
    return middle_and_end[1] + max(_slope(middle_and_end, runs), 0) * (YEAR - runs)


@dataclass(slots=True)
class _Clock:
    """A clock that only the year moves, in microseconds."""

    time: int = _BEGIN

    def __call__(self) -> int:
        return self.time


class _Year:
    """The year under way in one store."""

    def __init__(self, store: Store, clock: _Clock, signer: Signer) -> None:
        from storage.rows import Target  # noqa: PLC0415  # the measuring process stays without the store
        from tests.benchmarks.workload import Workload  # noqa: PLC0415

        self.store = store
        self._clock = clock
        self._signer = signer
        self.main = Workload(Target("aws", "prod", "111111111111"), RESOURCES, seed=1)
        self.second = Workload(Target("aws", "lab", "222222222222"), ACCOUNT, seed=2)
        self.walls: list[float] = []
        self.cpus: list[float] = []
        self.around: list[float] = []

    def until(self, hour: int, from_hour: int) -> None:
        """Run every hour up to this one."""
        from storage import ledger  # noqa: PLC0415

        for number in range(from_hour, hour):
            slot = _BEGIN + number * 3_600_000_000
            self._clock.time = slot + 2_000_000
            self._seal(self.main, slot)
            if number % _DAY == 0:
                self._clock.time += 60_000_000
                self._seal(self.second, slot, note=False)
            self._clock.time += 60_000_000
            began = time.perf_counter()
            ledger.checkpoint(self.store, self._signer, self._signer.name)
            self.around[-1] += time.perf_counter() - began
            if number % _DAY == 0:
                _vacuum(self.store)
            if number % 500 == 499:
                sys.stderr.write(f"  hour {number + 1} of {hour}, {median(self.walls) * 1000:.0f} ms a seal\n")

    def _seal(self, work: Workload, slot: int, *, note: bool = True) -> None:
        from storage import seal  # noqa: PLC0415

        began = time.perf_counter()
        begun = work.start(slot, self._clock.time)
        start_seq = seal.start(self.store, begun)
        announced = time.perf_counter() - began
        self._clock.time += 45_000_000
        found = work.run(begun, start_seq)
        began, used = time.perf_counter(), time.process_time()
        seal.seal(self.store, found)
        if note:
            self.walls.append(time.perf_counter() - began)
            self.cpus.append(time.process_time() - used)
            self.around.append(announced)


def main() -> None:
    """Go through the year and print what it took."""
    from storage.engine import open_store  # noqa: PLC0415
    from storage.notes import open_key  # noqa: PLC0415
    from storage.seal import append_key  # noqa: PLC0415

    folder, runs = Path(sys.argv[1]), int(sys.argv[2])
    clock = _Clock()
    _import_everything()
    with _database(folder, sys.argv[3]) as url, open_store(url, create=True, clock=clock) as store:
        signer = open_key(folder / "year.key", "proofkeep/bench")
        append_key(store, signer.verifier_key())
        year = _Year(store, clock, signer)
        year.until(runs // 2, 0)
        size, verified = _size(store), _verify(store)[0]
        year.until(runs, runs // 2)
        again, used, entries, evidence = _verify(store)
        # The first day is left out: it fills caches and the store.
        steady = slice(min(_DAY, runs - 2), None)
        uid, steps = _busiest(year)
        found = {
            "where": "SQLite" if store.dialect == "sqlite" else "PostgreSQL",
            "size": [size, _size(store)],
            "first": year.walls[0],
            "seal": median(year.walls[steady]) * 1000,
            "seal_p95": quantiles(year.walls[steady], n=20)[-1] * 1000,
            "seal_cpu": median(year.cpus[steady]) * 1000,
            "around": median(year.around[steady]) * 1000,
            "as_of": _as_of(store, year.second.who, runs),
            "timeline": _timeline(store, uid),
            "steps": steps,
            "verify": [verified, again],
            "verify_cpu": used,
            "entries": entries,
            "bytes": evidence,
        }
    json.dump(found, sys.stdout)


def _import_everything() -> None:
    """Load what is timed later, so that no first question pays for it."""
    import agent.timeline  # noqa: PLC0415
    import agent.verify  # noqa: F401, PLC0415


@contextmanager
def _database(folder: Path, wanted: str) -> Iterator[str]:
    """URL of an empty database: a file, one on a server of our own, or the one that was given."""
    if wanted == "sqlite":
        yield f"sqlite:///{folder / 'year.db'}"
    elif wanted == "embedded":
        from tests.postgres import create_database, drop_database, server  # noqa: PLC0415

        with server() as base:
            url = create_database(base)
            yield url.render_as_string(hide_password=False)
            drop_database(base, str(url.database))
    else:
        yield wanted


def _vacuum(store: Store) -> None:
    """Free what the caches left behind, as PostgreSQL does by itself within a day; a year in minutes outruns it."""
    if store.path is None:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql("VACUUM map_cache, head, result_head")


def _size(store: Store) -> int:
    """Bytes of the database, with nothing left in a log beside it."""
    from sqlalchemy import text  # noqa: PLC0415

    with store.engine.connect() as conn:
        if store.path is None:
            return int(conn.scalar(text("SELECT pg_database_size(current_database())")) or 0)
        conn.exec_driver_sql("COMMIT")
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return store.path.stat().st_size


def _verify(store: Store) -> tuple[float, float, int, int]:
    """Wall and CPU seconds of a complete verification, entries, and bytes hashed.  Raises when it is not clean."""
    from agent.verify import verify  # noqa: PLC0415

    began, used = time.perf_counter(), time.process_time()
    verdict = verify(store)
    wall, cpu = time.perf_counter() - began, time.process_time() - used
    if not verdict.clean:
        raise BenchmarkFailed(f"the year does not verify: {verdict.findings[0]}")
    return wall, cpu, verdict.size, verdict.bytes


def _as_of(store: Store, who: Target, runs: int) -> float:
    """Milliseconds to read and decode one account at a past time, median over times spread over the year."""
    from orjson import loads  # noqa: PLC0415

    from storage import reads  # noqa: PLC0415

    def ask(number: int) -> None:
        time_asked = _BEGIN + (runs * (number + 1) // (_ASKED + 1)) * 3_600_000_000 + 1_800_000_000
        with store.read() as conn:
            seq = reads.seq_at(conn, time_asked)
            documents = [loads(content) for _, content in reads.documents_at(conn, who, seq or 0)]
        if len(documents) != ACCOUNT:
            raise BenchmarkFailed(f"{len(documents)} documents of {ACCOUNT} were in force")

    return _median_ms(ask)


def _timeline(store: Store, uid: str) -> float:
    """Milliseconds to tell all that ever happened to one resource."""
    from agent.timeline import timeline  # noqa: PLC0415

    return _median_ms(lambda _: timeline(store, uid))


def _busiest(year: _Year) -> tuple[str, int]:
    """The resource with the longest history, and how many runs changed it."""
    uid, changes = max(year.main.changes.items(), key=lambda each: each[1])
    return uid, changes + 1


def _median_ms(ask: Callable[[int], Any]) -> float:
    """Median of the times that a question takes, after it was put once."""
    ask(0)
    times = []
    for number in range(_ASKED):
        began = time.perf_counter()
        ask(number)
        times.append(time.perf_counter() - began)
    return median(times) * 1000


if __name__ == "__main__":
    main()
