"""An organization of many accounts, read by one process and by one process with four workers.

`python tests/benchmarks/fleet.py` prints a table, and what one account that is throttled does to the others.  CPU is
that of the agent's own processes: neither the server's that plays AWS nor PostgreSQL's.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import IO

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.benchmarks.lines import BenchmarkFailed, Line, show
from tests.benchmarks.organization import MANAGEMENT, Organization, serve
from tests.benchmarks.processes import Started, Usage, python

ACCOUNTS, REGIONS, LATENCY = 50, 4, 20
"""As many accounts, regions of each, and milliseconds that each answer waits."""
WORKERS = 4
THROTTLED = str(MANAGEMENT + 1)
"""Among the first that are read, and so in the way of all others for as long as it lasts."""
_NAMES = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "eu-north-1", "ap-south-1", "sa-east-1")
MOST_REGIONS = len(_NAMES)
_SETTINGS = """\
database = "{url}"

[schedule]
every = "365d"

[daemon]
parallel = {parallel}

[workers]
enabled = {workers}

[[targets]]
name = "fleet"
cloud = "aws"
regions = {regions}
endpoint = "{endpoint}"
organization = {organization}
"""
# 3: something could not be read.  A throttled account has gaps.
_DONE = (0, 3)
_PATIENCE = 60.0
"""Seconds in which the workers must be ready."""
HEADING = (
    f"{'fleet':<44} {'wall s':>7} {'CPU s':>7} {'requests':>8} {'calls':>7} {'sealed':>6} {'findings':>8}  peak RSS, MB"
)


@dataclass(frozen=True, slots=True)
class Size:
    """How large the fleet is."""

    accounts: int
    regions: int
    latency: float
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to read it."""

    name: str
    parallel: int
    workers: int = 0


@dataclass(frozen=True, slots=True)
class Took:
    """What reading the whole fleet once took."""

    wall: float
    cpu: float
    """Of all our processes."""
    rss: tuple[float, ...]
    """MB at the peak of each process, workers after the daemon."""
    requests: int
    calls: int
    findings: int
    runs: dict[str, tuple[float, float, int]]
    """By account: start and end, in seconds, and gaps."""

    def seconds(self) -> list[float]:
        """How long each account took, without the one that may be throttled."""
        return [end - start for account, (start, end, _) in self.runs.items() if account != THROTTLED]

    def others(self) -> float:
        """Seconds from the first start to the last end, without the one that may be throttled."""
        rest = [run for account, run in self.runs.items() if account != THROTTLED]
        return max(end for _, end, _ in rest) - min(start for start, _, _ in self.runs.values())


ONE = Way("1 process, parallel 4, SQLite", 4)
EIGHT = Way("1 process, parallel 8, SQLite", 8)
FANNED = Way(f"{WORKERS} workers, parallel 4, PostgreSQL", 4, WORKERS)


def measure(folder: Path, size: Size, tell: Callable[[str], object]) -> Iterator[Line]:
    """The lines of the fleet; each row of the table is told as soon as it is known."""
    tell(HEADING)
    with serve(folder) as organization:
        _record(folder, organization)
        regions = _NAMES[: size.regions]
        organization.tell(replay=True, accounts=size.accounts, regions=regions, latency=size.latency)
        reading = _Fleet(folder, size, organization, tell)
        one = reading.take(ONE)
        eight = reading.take(EIGHT)
        slowed = reading.take(ONE, throttled=True)
        with _postgresql() as new:
            fanned = reading.take(FANNED, new)
            fanned_slowed = reading.take(FANNED, new, throttled=True)
    yield from _costs(one, eight, fanned, size)
    yield from _compared(ONE, one, slowed)
    yield from _compared(FANNED, fanned, fanned_slowed)


def _costs(one: Took, eight: Took, fanned: Took, size: Size) -> Iterator[Line]:
    each = one.cpu / size.accounts
    yield Line(
        "fleet",
        f"{ONE.name}: each account of {size.regions} regions",
        each,
        2,
        "s CPU",
        f"{one.requests / size.accounts:.0f} requests, {1000 * one.cpu / one.requests:.1f} ms CPU a request",
    )
    yield Line("fleet", f"{ONE.name}: memory", max(one.rss), 500, "MB RSS", f"parallel 8: {max(eight.rss):.0f} MB")
    yield Line("fleet", f"{FANNED.name}: memory", max(fanned.rss), 600, "MB RSS", "of the largest process")
    yield Line("fleet", "wall: parallel 8 ÷ parallel 4", eight.wall / one.wall, 1.2, "times")
    cores = f"on {os.cpu_count()} cores, which the server that plays AWS uses too"
    yield Line("fleet", f"wall: {WORKERS} workers ÷ 1 process", fanned.wall / one.wall, 2, "times", cores)
    yield Line("fleet", f"CPU: {WORKERS} workers ÷ 1 process", fanned.cpu / one.cpu, 2.5, "times")


def _compared(way: Way, free: Took, slowed: Took) -> Iterator[Line]:
    """What the throttled account does to the others."""
    start, end, gaps = slowed.runs[THROTTLED]
    own = (
        f"the throttled account alone took {end - start:.0f} s and has {gaps} gaps; "
        f"the whole fleet {slowed.wall:.0f} s against {free.wall:.0f} s"
    )
    for name, before, after in (
        ("median of the others", median(free.seconds()), median(slowed.seconds())),
        ("slowest of the others", max(free.seconds()), max(slowed.seconds())),
        ("all others sealed after", free.others(), slowed.others()),
    ):
        note = f"{after:.1f} s against {before:.1f} s"
        if name == "all others sealed after":
            note += f"; {own}"
        yield Line("throttled", f"{way.name}: {name}", after / before, 1.5, "times", note)


@dataclass(frozen=True, slots=True)
class _Fleet:
    """The fleet that is read again and again, each time into an empty store."""

    folder: Path
    size: Size
    organization: Organization
    tell: Callable[[str], object]

    def take(self, way: Way, new: Callable[[], str] | None = None, *, throttled: bool = False) -> Took:
        """Read it once and tell the row.  `new` makes an empty database."""
        name = f"{way.name}{', throttled' if throttled else ''}"
        place = Path(tempfile.mkdtemp(dir=self.folder))
        url = new() if new else f"sqlite:///{place / 'fleet.db'}"
        _configure(place, way, url, _NAMES[: self.size.regions], self.organization.endpoint)
        self.organization.tell(throttled=THROTTLED if throttled else "", count=True)
        with ExitStack() as stack:
            workers = self._start(way, place, stack)
            used = python("-m", "agent", "run", "--once", "--json", *_with(place), folder=self.folder, codes=_DONE)
            for worker in workers:
                worker.end()
            all_used = [used, *(worker.wait() for worker in workers)]
        took = self._took(url, all_used)
        self.tell(_row(name, took))
        self._check(took)
        return took

    def _start(self, way: Way, place: Path, stack: ExitStack) -> list[Started]:
        """The workers, ready."""
        if not way.workers:
            return []
        python("-m", "agent", "db", "upgrade", *_with(place), folder=self.folder)
        started = []
        said: list[IO[bytes]] = []
        for _ in range(way.workers):
            output = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  # closed by the stack
            errors = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  # closed by the stack
            command = ("-m", "agent", "worker", "--json", *_with(place))
            worker = Started(*command, folder=self.folder, output=output, errors=errors)
            stack.callback(worker.close)
            started.append(worker)
            said.append(errors)
        until = time.monotonic() + _PATIENCE
        while not all(b'"worker.started"' in _so_far(each) for each in said):
            if time.monotonic() > until:
                raise BenchmarkFailed("the workers did not start")
            time.sleep(0.1)
        return started

    def _took(self, url: str, used: list[Usage]) -> Took:
        counted = self.organization.tell(count=True)
        if counted["unknown"]:
            raise BenchmarkFailed(f"the recorded account was never asked {counted['unknown'][0]}")
        log = [json.loads(line) for line in used[0].errors.splitlines() if line.startswith("{")]
        sealed = [line for line in log if line["event"] == "run.sealed"]
        runs = json.loads(python("-m", "tests.benchmarks.sealed", url, folder=self.folder).output)
        return Took(
            wall=used[0].wall,
            cpu=sum(each.cpu for each in used),
            rss=tuple(each.rss / 1024 for each in used),
            requests=sum(counted["requests"].values()),
            calls=sum(line["calls"] for line in sealed),
            findings=sum(sum(line["findings"].values()) for line in sealed),
            runs={account: (start, end, gaps) for account, start, end, gaps in runs},
        )

    def _check(self, took: Took) -> None:
        """A fleet of which something is missing was not read any faster."""
        if len(took.runs) != self.size.accounts:
            raise BenchmarkFailed(f"{len(took.runs)} accounts were sealed, not {self.size.accounts}")
        torn = [account for account, (_, _, gaps) in took.runs.items() if gaps and account != THROTTLED]
        if torn:
            raise BenchmarkFailed(f"account {torn[0]} has gaps, and nothing stood in its way")


def _row(name: str, took: Took) -> str:
    rss = " ".join(f"{each:.0f}" for each in took.rss)
    return (
        f"{name:<44} {took.wall:>7.1f} {took.cpu:>7.1f} {took.requests:>8} {took.calls:>7} {len(took.runs):>6} "
        f"{took.findings:>8}  {rss}"
    )


def _so_far(file: IO[bytes]) -> bytes:
    """The beginning of what a process has written; the place in the file, which it shares, stays where it is."""
    return os.pread(file.fileno(), 65_536, 0)


def _record(folder: Path, organization: Organization) -> None:
    """Have one account read in one region; what it answers is what all accounts answer in all regions."""
    place = Path(tempfile.mkdtemp(dir=folder))
    _configure(place, ONE, f"sqlite:///{place / 'one.db'}", _NAMES[:1], organization.endpoint, organization=False)
    python("-m", "agent", "collect", "--json", *_with(place), folder=folder, codes=_DONE)


def _with(place: Path) -> tuple[str, str]:
    """The settings of this folder.  All programs run in one folder, where their bytecode is."""
    return "--config", str(place / "proofkeep.toml")


def _configure(
    place: Path, way: Way, url: str, regions: tuple[str, ...], endpoint: str, *, organization: bool = True
) -> None:
    """Write the settings file."""
    text = _SETTINGS.format(
        url=url,
        parallel=way.parallel,
        workers=json.dumps(way.workers > 0),
        regions=json.dumps(regions),
        endpoint=endpoint,
        organization=json.dumps(organization),
    )
    (place / "proofkeep.toml").write_text(text, encoding="utf-8")


@contextmanager
def _postgresql() -> Iterator[Callable[[], str]]:
    """What makes an empty database on a server of our own, or on that of TEST_DATABASE_URL, and gives its URL."""
    from tests.postgres import create_database, drop_database, server  # noqa: PLC0415  # only this part needs it

    with server() as base, ExitStack() as stack:

        def new() -> str:
            url = create_database(base)
            stack.callback(drop_database, base, str(url.database))
            return url.render_as_string(hide_password=False)

        yield new


def main() -> int:
    """Measure and print; 2 when something did not run."""
    parser = argparse.ArgumentParser(description="An organization of many accounts, with one process and with workers.")
    parser.add_argument("--accounts", type=int, default=ACCOUNTS, help=f"default {ACCOUNTS}, at least 2")
    parser.add_argument("--regions", type=int, default=REGIONS, choices=range(1, MOST_REGIONS + 1), metavar="N")
    parser.add_argument("--latency", type=float, default=LATENCY, help=f"milliseconds an answer, default {LATENCY}")
    asked = parser.parse_args()
    if asked.accounts <= 1:
        parser.error("--accounts: one account has no others to slow down")
    size = Size(asked.accounts, asked.regions, asked.latency / 1000)
    try:
        with tempfile.TemporaryDirectory(prefix="proofkeep-bench-") as made:
            for line in list(measure(Path(made), size, _say)):
                _say(show(line))
    except BenchmarkFailed as error:
        sys.stderr.write(f"benchmarks: {error}\n")
        return 2
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
