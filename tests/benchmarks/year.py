"""A year in the store: 10,000 resources read every hour and 100,000 verdicts, sealed run by run, then asked about.

Measured in a process of its own (`python -m tests.benchmarks.year FOLDER RUNS DATABASE RESOURCES`), which prints its
numbers as JSON.  Fewer runs than a year's are carried forward from the growth between the middle and the end, and the
line says so.  A folder that holds a year of as many runs already is only asked about.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from tests.benchmarks.lines import BenchmarkFailed, Line
from tests.benchmarks.processes import environment

if TYPE_CHECKING:
    from storage.engine import Store
    from storage.notes import Signer
    from tests.benchmarks.workload import Workload

YEAR = 8_760
RESOURCES = 9_500
ACCOUNT = 500
"""Resources of the second account, read once a day, whose state is asked for."""
BEGIN = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z."""
_DAY = 24
_HOUR = 3_600_000_000
_OUTAGES = 2_190, range(6, 18)
"""Four times a year the agent is down for these twelve hours."""


def measure(folder: Path, *, runs: int, database: str, resources: int = RESOURCES) -> Iterator[Line]:
    """The lines of the year, on SQLite, on a PostgreSQL of our own (`embedded`), or at an empty one's URL.

    The year is built in `folder` unless it is there already.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.year", str(folder), str(runs), database, str(resources)],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchmarkFailed("the year did not come to its end; its complaint stands above")
    found = json.loads(done.stdout)
    yield from _kept(found, runs)
    yield from _asked(found, runs)


def _kept(found: dict[str, Any], runs: int) -> Iterator[Line]:
    """What it takes to keep the year, and to see that it is whole."""
    where, carried = found["where"], "" if runs == YEAR else f"carried forward from {runs} runs: "
    yield Line(
        "year",
        f"{where}: a year of {found['resources'] + ACCOUNT:,} resources",
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
        f"announcing a run and signing the ledger {found['around']:.1f} ms; built in {found['built'] / 60:.0f} min",
    )
    verified = found["verify"]
    yield Line(
        "year",
        f"{where}: verify all of it",
        _carry([found["verify_middle"], verified["wall"]], runs),
        5,
        "s",
        f"{carried}{verified['wall']:.1f} s after {runs} runs, {verified['cpu']:.1f} s CPU here; "
        f"{verified['entries']} entries, {verified['bytes'] / 1e6:.0f} MB of evidence",
    )


def _asked(found: dict[str, Any], runs: int) -> Iterator[Line]:
    """What an auditor waits for."""
    where = found["where"]
    for name, stretch in (("year", f"{runs} hourly slots"), ("quarter", "its last quarter, failures carried in")):
        period = found["period"][name]
        yield Line(
            "year",
            f"{where}: period evaluation, {stretch}",
            period["wall"] * 100_000 / period["pairs"],
            2,
            "s/100,000",
            f"{period['wall']:.1f} s for all {period['pairs']:,} pairs, gone ones included; {period['cpu']:.1f} s CPU; "
            f"{period['controls']} controls, {period['deviations']:,} failing intervals, {period['gaps']:,} gaps",
        )
    for name, one in found["population"].items():
        about = f"{one['items']:,} items, {one['complete']:,} of {one['runs']:,} runs listed all"
        yield Line(
            "year", f"{where}: population of {name}", one["wall"], 2, "s", f"{about}; {one['cpu']:.1f} s CPU here"
        )
    yield Line("year", f"{where}: one account at a past time, {ACCOUNT} documents", found["as_of"], 60, "ms")
    changed = f"{found['steps']} runs changed it"
    yield Line("year", f"{where}: timeline of one resource", found["timeline"], 5, "ms", changed)


def _slope(middle_and_end: list[float], runs: int) -> float:
    """Growth per run in the second half."""
    return (middle_and_end[1] - middle_and_end[0]) / (runs - runs // 2)


def _carry(middle_and_end: list[float], runs: int) -> float:
    """What it is after a year.  Nothing shrinks: where few runs show no growth, the end stands."""
    return middle_and_end[1] + max(_slope(middle_and_end, runs), 0) * (YEAR - runs)


@dataclass(slots=True)
class _Clock:
    """A clock that only the year moves, in microseconds."""

    time: int = BEGIN

    def __call__(self) -> int:
        return self.time


class _Year:
    """The year under way in one store."""

    def __init__(self, store: Store, clock: _Clock, signer: Signer, resources: int) -> None:
        from storage.rows import Target  # noqa: PLC0415  # the measuring process stays without the store
        from tests.benchmarks.workload import Workload  # noqa: PLC0415

        self.store = store
        self._clock = clock
        self.signer = signer
        self.main = Workload(Target("aws", "prod", "111111111111"), resources, seed=1)
        self.second = Workload(Target("aws", "lab", "222222222222"), ACCOUNT, seed=2)
        self.walls: list[float] = []
        self.cpus: list[float] = []
        self.around: list[float] = []

    def until(self, hour: int, from_hour: int) -> None:
        """Run every hour up to this one, but for those in which the agent is down."""
        from storage import ledger  # noqa: PLC0415

        for number in range(from_hour, hour):
            slot = BEGIN + number * _HOUR
            self._clock.time = slot + 2_000_000
            if number % _OUTAGES[0] in _OUTAGES[1]:
                self._miss(slot, daily=number % _DAY == 0)
                continue
            self._seal(self.main, slot)
            if number % _DAY == 0:
                self._clock.time += 60_000_000
                self._seal(self.second, slot, note=False)
            self._clock.time += 60_000_000
            began = time.perf_counter()
            ledger.checkpoint(self.store, self.signer, self.signer.name)
            self.around[-1] += time.perf_counter() - began
            if number % _DAY == 0:
                _vacuum(self.store)
            if number % 500 == 499:
                sys.stderr.write(f"  hour {number + 1} of {hour}, {median(self.walls) * 1000:.0f} ms a seal\n")

    def _miss(self, slot: int, *, daily: bool) -> None:
        """Say that a slot has no run."""
        from storage import seal  # noqa: PLC0415

        for work in (self.main, self.second) if daily else (self.main,):
            seal.append_gap(self.store, work.who, slot, "AGENT_DOWN", "the agent was not running")

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
    """Go through the year, unless somebody did, and print what it took."""
    from storage.engine import open_store  # noqa: PLC0415
    from storage.notes import open_key  # noqa: PLC0415
    from tests.benchmarks import questions  # noqa: PLC0415

    folder, runs, wanted, resources = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    notes = folder / f"year-{wanted if wanted in ('sqlite', 'embedded') else 'given'}.json"
    clock = _Clock()
    with ExitStack() as stack:
        url = stack.enter_context(_database(folder, wanted))
        store = stack.enter_context(open_store(url, create=True, clock=clock))
        if not notes.exists():
            year = _Year(store, clock, open_key(folder / "year.key", "proofkeep/bench"), resources)
            notes.write_text(json.dumps({"runs": runs, "resources": resources, **_build(year, clock, runs)}))
        built = json.loads(notes.read_text())
        if (built["runs"], built["resources"]) != (runs, resources):
            raise BenchmarkFailed(f"{folder} holds {built['runs']} runs of {built['resources']}; name another folder")
        found = {**built, **questions.ask(store, runs, built["busiest"])}
    json.dump(found, sys.stdout)


def _build(year: _Year, clock: _Clock, runs: int) -> dict[str, Any]:
    """Live the year in an empty store; return what each run took."""
    from agent import waivers  # noqa: PLC0415
    from storage.seal import append_key  # noqa: PLC0415
    from tests.benchmarks import promises, questions  # noqa: PLC0415

    began, store = time.perf_counter(), year.store
    append_key(store, year.signer.verifier_key())
    promises.begin(store, year.second.who.name)
    for terms in promises.exceptions(clock.time):
        waivers.grant(store, promises.wiring(), terms)
    year.until(runs // 2, 0)
    size = _size(store)
    # A whole year needs nothing to be carried forward from.
    verified = questions.verified(store)["wall"] if runs != YEAR else 0.0
    promises.promise(store, 3)
    year.until(runs, runs // 2)
    # The first day is left out: it fills caches and the store.
    steady = slice(min(_DAY, len(year.walls) - 2), None)
    return {
        "where": "SQLite" if store.dialect == "sqlite" else "PostgreSQL",
        "built": time.perf_counter() - began,
        "size": [size, _size(store)],
        "first": year.walls[0],
        "seal": median(year.walls[steady]) * 1000,
        "seal_p95": quantiles(year.walls[steady], n=20)[-1] * 1000,
        "seal_cpu": median(year.cpus[steady]) * 1000,
        "around": median(year.around[steady]) * 1000,
        "verify_middle": verified,
        "busiest": max(year.main.changes.items(), key=lambda each: each[1])[0],
    }


@contextmanager
def _database(folder: Path, wanted: str) -> Iterator[str]:
    """URL of the database: a file in the folder, one of a server in the folder, or the one that was given."""
    if wanted == "sqlite":
        yield f"sqlite:///{folder / 'year.db'}"
    elif wanted == "embedded":
        from tests.postgres import server  # noqa: PLC0415

        with server(folder / "postgres") as base:
            yield base.render_as_string(hide_password=False)
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


if __name__ == "__main__":
    main()
