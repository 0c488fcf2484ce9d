"""Writes the sealed runs of a store as JSON: `python -m tests.benchmarks.sealed URL`.

A program of its own, so that the measuring process need not import the store.
"""

from __future__ import annotations

import json
import sys

from storage import reads
from storage.engine import open_store


def main() -> None:
    """Print account, start, end and gaps of each run; times in seconds."""
    with open_store(sys.argv[1]) as store, store.read() as conn:
        told = [(run.target.account, run.started / 1e6, run.finished / 1e6, run.gaps) for run in reads.runs(conn)]
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
