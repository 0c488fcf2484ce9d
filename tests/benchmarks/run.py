"""Time, memory and size against the budgets: `make bench`, or `python tests/benchmarks/run.py --only year`.

A year of 8,760 hourly runs takes twenty minutes to build, so `--keep FOLDER` leaves it for the next time:
`python tests/benchmarks/run.py --only year --database embedded --keep build/year`.

Each line tells what was measured, the budget, and whether it holds.  CPU is that of the measured process alone, so
other work on the machine matters little; wall times are only as good as the machine is quiet.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.benchmarks import account, fleet, help, year  # noqa: A004, E402  # after the path is set
from tests.benchmarks.lines import HEADING, BenchmarkFailed, Line, show  # noqa: E402

_NAMES = ("help", *account.NAMES, "year")
_ASKED = ("fleet",)
"""Takes ten minutes, and so is measured only when it is named."""


def main() -> int:
    """Measure, print, and return 0; 1 with --strict when a budget is exceeded, 2 when something did not run."""
    asked = _arguments()
    lines: list[Line] = []
    if not asked.json:
        _say(HEADING)
    try:
        for line in _measure(asked):
            lines.append(line)
            if not asked.json:
                _say(show(line))
    except BenchmarkFailed as error:
        sys.stderr.write(f"benchmarks: {error}\n")
        return 2
    if asked.json:
        _say(json.dumps([line.to_json() for line in lines], indent=2))
    return int(asked.strict and not all(line.ok for line in lines))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _measure(asked: argparse.Namespace) -> Iterator[Line]:
    wanted = frozenset(asked.only or _NAMES)
    with tempfile.TemporaryDirectory(prefix="proofkeep-bench-") as made:
        folder = Path(made)
        if "help" in wanted:
            yield from help.measure(folder)
        if wanted.intersection(account.NAMES):
            yield from account.measure(folder, wanted, scale=asked.scale, repeat=asked.repeat, endpoint=asked.endpoint)
        if "year" in wanted:
            kept = folder if asked.keep is None else asked.keep.resolve()
            kept.mkdir(parents=True, exist_ok=True)
            yield from year.measure(kept, runs=asked.runs, database=asked.database)
        if "fleet" in wanted:
            size = fleet.Size(fleet.ACCOUNTS, fleet.REGIONS, fleet.LATENCY / 1000)
            yield from fleet.measure(folder, size, lambda row: sys.stderr.write(f"{row}\n"))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Time, memory and size against the budgets.")
    parser.add_argument(
        "--only", action="append", choices=(*_NAMES, *_ASKED), help="only this; may be given more than once"
    )
    parser.add_argument("--json", action="store_true", help="one JSON list instead of lines")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a budget is exceeded")
    parser.add_argument("--repeat", type=_count, default=3, help="runs to take the median of (default 3)")
    parser.add_argument("--scale", type=_count, default=20, help="size of the large account (default 20)")
    parser.add_argument(
        "--endpoint", help="read the AWS account served here instead of our own; no growth, no latency then"
    )
    parser.add_argument("--runs", type=_count, default=year.YEAR, help=f"hourly runs of the year (default {year.YEAR})")
    parser.add_argument(
        "--keep", type=Path, help="build the year in this folder and leave it there; one that is there is only asked"
    )
    parser.add_argument(
        "--database", default="sqlite", help="for the year: sqlite (default), embedded, or an empty PostgreSQL's URL"
    )
    return parser.parse_args()


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


if __name__ == "__main__":
    sys.exit(main())
