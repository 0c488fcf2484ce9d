"""A year's history read back: `python -m tests.benchmarks.history FOLDER RUNS DATABASE`.

10,000 resources with 100,000 verdicts.  Fewer runs than a year's 8,760 change as much in sum, so the history is as long
but has fewer ledger entries, and the first line says so.  DATABASE is `sqlite`, or the URL of an empty PostgreSQL one.
Prints the seconds and rows of each question, median of a few times.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sized
from pathlib import Path
from statistics import median

from agent.populations import declared
from storage import canon, history, seal
from storage.engine import Store, open_store
from storage.rows import Target
from tests.benchmarks.workload import CHECKS_PER_KIND, HOUR, KINDS, Rates, Workload

YEAR = 8_760
RESOURCES = 10_000
_BEGIN = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z."""
_TIMES = 3


def main() -> None:
    """Build the history and put each question."""
    folder, runs, database = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    url = f"sqlite:///{folder / 'history.db'}" if database == "sqlite" else database
    now = [_BEGIN]
    with open_store(url, create=True, clock=lambda: now[0]) as store:
        _live(store, now, runs)
        print(f"{store.dialect}: {RESOURCES:,} resources, {runs} runs that change as much as {YEAR:,}", flush=True)  # noqa: T201
        _ask(store, now[0] + HOUR)


def _live(store: Store, now: list[int], runs: int) -> None:
    """Seal a year in so many runs."""
    scale = YEAR / runs
    plain = Rates()
    rates = Rates(plain.change * scale, plain.churn * scale, plain.volatile)
    work = Workload(Target("aws", "prod", "111111111111"), RESOURCES, rates=rates)
    checks = [f"subject{kind}.setting_{check}" for kind in range(KINDS) for check in range(CHECKS_PER_KIND)]
    controls = [{"id": f"CR-{number:02}", "checks": checks[number::50], "not_applicable": ""} for number in range(50)]
    seal.append_policy(store, "controls", canon.canonical({"form": 1, "controls": controls}))
    seal.append_policy(store, "populations", declared())
    for number in range(runs):
        slot = _BEGIN + round(number * scale) * HOUR
        now[0] = slot + 45_000_000
        begun = work.start(slot, now[0])
        seal.seal(store, work.run(begun, seal.start(store, begun)))


def _ask(store: Store, ends: int) -> None:
    kinds = [f"aws.service{kind}.thing" for kind in range(KINDS)]
    with store.read() as conn:
        questions: dict[str, Callable[[], Sized]] = {
            "runs_between": lambda: [run for runs in history.runs_between(conn, _BEGIN, ends).values() for run in runs],
            "verdict_changes, a year": lambda: list(history.verdict_changes(conn, _BEGIN, ends)),
            "verdict_changes, last month": lambda: list(history.verdict_changes(conn, ends - 720 * HOUR, ends)),
            "unread": lambda: history.unread(conn, _BEGIN, ends),
            "missed": lambda: history.missed(conn, _BEGIN, ends),
            "resource_lives, all kinds": lambda: history.resource_lives(conn, kinds, _BEGIN, ends),
            "v_control_days": lambda: conn.exec_driver_sql("SELECT * FROM v_control_days").all(),
        }
        for name, ask in questions.items():
            taken, rows = [], 0
            for _ in range(_TIMES):
                began = time.perf_counter()
                rows = len(ask())
                taken.append(time.perf_counter() - began)
            print(f"{name:30} {median(taken):8.3f} s {rows:10,} rows", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
