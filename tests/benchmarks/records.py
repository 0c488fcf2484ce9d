"""Writes the calls of a store's newest run as JSON: `python -m tests.benchmarks.records URL`.

A program of its own, so that the measuring process need not import the store.
"""

from __future__ import annotations

import json
import sys

from storage import reads
from storage.engine import open_store


def main() -> None:
    """Print the calls of the newest run, which must have been kept whole."""
    with open_store(sys.argv[1]) as store, store.read() as conn:
        newest = max(reads.runs(conn), key=lambda run: run.seq)
        record = json.loads(reads.run_record(conn, newest.seq))
    if record["counted"]:
        sys.exit('the run did not keep all its calls; set keep_calls = "all"')
    json.dump(record["calls"], sys.stdout)


if __name__ == "__main__":
    main()
