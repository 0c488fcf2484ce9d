"""The parts of the questions about a period, on a year that `run.py --only year --keep FOLDER` built.

`python -m tests.benchmarks.history URL RUNS` prints the seconds and rows of each, median of a few times.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sized
from statistics import median

from storage import history
from storage.engine import Store, open_store
from tests.benchmarks.workload import HOUR, KIND_NAMES
from tests.benchmarks.year import BEGIN

_TIMES = 3


def main() -> None:
    """Put each question."""
    with open_store(sys.argv[1]) as store:
        _ask(store, BEGIN + int(sys.argv[2]) * HOUR)


def _ask(store: Store, ends: int) -> None:
    with store.read() as conn:
        questions: dict[str, Callable[[], Sized]] = {
            "runs_between": lambda: [run for runs in history.runs_between(conn, BEGIN, ends).values() for run in runs],
            "verdict_changes, a year": lambda: list(history.verdict_changes(conn, BEGIN, ends)),
            "verdict_changes, last month": lambda: list(history.verdict_changes(conn, ends - 720 * HOUR, ends)),
            "unread": lambda: history.unread(conn, BEGIN, ends),
            "missed": lambda: history.missed(conn, BEGIN, ends),
            "resource_lives, all kinds": lambda: history.resource_lives(conn, KIND_NAMES, BEGIN, ends),
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
