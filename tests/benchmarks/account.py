"""One run of one account: CPU, memory, calls; against a bare loop, against a larger account, against latency."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.lines import BenchmarkFailed, Line
from tests.benchmarks.processes import Usage, python
from tests.benchmarks.server import Server, serve

NAMES = ("account", "floor", "growth", "latency")
_FLOOR = Path(__file__).with_name("floor.py")
_DELAY = 0.05
_SETTINGS = """\
database = "sqlite:///bench.db"
keep_calls = "{keep}"

[[targets]]
name = "bench"
cloud = "aws"
regions = ["us-east-1"]
endpoint = "{endpoint}"
"""
# 3: something could not be read.  No loopback server knows every operation of AWS.
_DONE = (0, 3)
_COMMAND = ("-m", "agent", "collect", "--json")


@dataclass(frozen=True, slots=True)
class Measured:
    """One account, read several times from nothing; times are medians, memory is the largest."""

    cpu: float
    wall: float
    rss: float
    findings: int
    operations: int
    requests: int
    """HTTP requests: each page and each retry is one."""
    gaps: int
    again_cpu: float
    """Of one more run into the same store, as every later run of a schedule is."""
    again_rss: float
    bare_cpu: float
    bare_rss: float


def measure(folder: Path, wanted: frozenset[str], *, scale: int, repeat: int, endpoint: str | None) -> Iterator[Line]:
    """The lines named in `wanted`, over an account of our own making or the one that `endpoint` serves."""
    with nullcontext(Server(endpoint, 0)) if endpoint else serve(folder, 1) as server:
        where = f"account at {endpoint}" if endpoint else f"account of {server.resources} resources"
        small = _measure(folder, server.endpoint, repeat)
        if "account" in wanted:
            yield from _account(small, where)
        if "floor" in wanted:
            yield Line(
                "floor",
                "CPU of a run ÷ CPU of its bare SDK calls",
                small.cpu / small.bare_cpu,
                1.5,
                "times",
                f"{small.cpu:.2f} s against {small.bare_cpu:.2f} s; "
                f"one more run into the same store {small.again_cpu / small.bare_cpu:.2f} times; "
                f"memory {small.rss / 1024:.0f} MB against {small.bare_rss / 1024:.0f} MB",
            )
        if "latency" in wanted and not endpoint:
            yield _latency(folder, server, small)
    if "growth" in wanted and not endpoint:
        with serve(folder, scale) as server:
            large = _measure(folder, server.endpoint, 1)
        yield from _growth(small, large, scale)


def _account(small: Measured, where: str) -> Iterator[Line]:
    told = f"{small.findings} findings, {small.operations} operations, {small.gaps} gaps, {small.wall:.1f} s wall"
    yield Line("account", where, small.cpu, 4, "s CPU", told)
    again = f"one more run into the same store: {small.again_rss / 1024:.0f} MB, {small.again_cpu:.2f} s CPU"
    yield Line("account", "its peak memory", small.rss / 1024, 150, "MB RSS", again)
    yield Line("account", "HTTP requests that it took", small.requests, 420, "requests")


def _latency(folder: Path, server: Server, small: Measured) -> Line:
    server.delay(_DELAY)
    slow, _ = _collect(folder, server.endpoint)
    server.delay(0)
    waited = small.requests * _DELAY
    return Line(
        "latency",
        f"wall time of a run with {_DELAY * 1000:.0f} ms a request",
        slow.wall,
        waited / 12 + slow.cpu,
        "s",
        f"{small.requests} requests waited {waited:.1f} s in all, {_at_once(waited, slow.wall - small.wall)} at once; "
        f"{slow.cpu:.1f} s CPU; without latency {small.wall:.1f} s wall, the server's own work in it",
    )


def _at_once(waited: float, added: float) -> str:
    """How many requests waited at the same time, if latency alone made the run longer."""
    return f"{waited / added:.0f}" if added > 0 else "all"


def _growth(small: Measured, large: Measured, scale: int) -> Iterator[Line]:
    more = large.findings - small.findings
    if more <= 0:
        raise BenchmarkFailed(f"an account of scale {scale} has no more findings than one of scale 1")
    bare = (large.bare_cpu - small.bare_cpu) / more * 1000
    yield Line(
        "growth",
        f"each finding more, scale 1 → {scale}",
        (large.cpu - small.cpu) / more * 1000,
        0.3,
        "ms CPU",
        f"{large.findings} findings, {large.requests} requests, {large.cpu:.1f} s CPU; "
        f"the bare SDK calls alone: {bare:.2g} ms",
    )
    yield Line(
        "growth",
        f"each finding more, scale 1 → {scale}",
        (large.rss - small.rss) / more,
        4,
        "KB RSS",
        f"{large.rss / 1024:.0f} MB; the bare SDK calls alone: {(large.bare_rss - small.bare_rss) / more:.2g} KB",
    )


def _measure(folder: Path, endpoint: str, repeat: int) -> Measured:
    """One run to record its calls and to warm everything up, then runs and bare loops by turns."""
    _collect(folder, endpoint, keep="all")
    said = python("-m", "tests.benchmarks.records", f"sqlite:///{folder / 'bench.db'}", folder=folder).output
    recorded = json.loads(said)
    file = folder / "calls.json"
    file.write_text(json.dumps(recorded), encoding="utf-8")
    python(str(_FLOOR), str(file), endpoint, folder=folder)
    runs: list[tuple[Usage, dict[str, Any]]] = []
    bare: list[Usage] = []
    for _ in range(repeat):
        runs.append(_collect(folder, endpoint))
        bare.append(python(str(_FLOOR), str(file), endpoint, folder=folder))
        _same_calls(recorded, json.loads(bare[-1].output))
    told = runs[-1][1]
    again = python(*_COMMAND, folder=folder, codes=_DONE)
    return Measured(
        cpu=median(run.cpu for run, _ in runs),
        wall=median(run.wall for run, _ in runs),
        rss=max(run.rss for run, _ in runs),
        findings=sum(told["findings"].values()),
        operations=told["calls"],
        requests=sum(call["attempts"] for call in recorded) + 1,  # and the one that asks who we are
        gaps=told["gaps"],
        again_cpu=again.cpu,
        again_rss=again.rss,
        bare_cpu=median(each.cpu for each in bare),
        bare_rss=max(each.rss for each in bare),
    )


def _same_calls(recorded: list[dict[str, Any]], said: dict[str, int]) -> None:
    """A bare loop that is refused more often than the run was did less work: the ratio would mean nothing."""
    refused = sum(bool(call["error"]) for call in recorded)
    if said["refused"] != refused:
        message = f"the bare loop was refused {said['refused']} times, the run {refused} times"
        raise BenchmarkFailed(message)


def _collect(folder: Path, endpoint: str, keep: str = "changed") -> tuple[Usage, dict[str, Any]]:
    """One run into an empty store, and what it said of itself."""
    for old in folder.glob("bench.db*"):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    settings = folder / "proofkeep.toml"
    settings.write_text(_SETTINGS.format(keep=keep, endpoint=endpoint), encoding="utf-8")
    used = python(*_COMMAND, folder=folder, codes=_DONE)
    return used, json.loads(used.output)[0]
