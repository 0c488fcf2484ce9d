"""`proofkeep --help`: how long a person waits, and what is imported meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.benchmarks.lines import Line
from tests.benchmarks.processes import python

_TIMES = 7
_SDKS = {"azure", "boto3", "botocore", "google", "msal", "s3transfer"}


def measure(folder: Path) -> Iterator[Line]:
    """CPU of `--help`, and the cloud SDKs that it imports."""
    traced = python("-X", "importtime", "-m", "agent", "--help", folder=folder)
    imported = {line.rpartition("|")[2].strip() for line in traced.errors.splitlines() if "|" in line}
    runs = [python("-m", "agent", "--help", folder=folder) for _ in range(_TIMES)]
    sdks = sorted(_SDKS & {name.partition(".")[0] for name in imported})
    yield Line(
        "help",
        f"proofkeep --help, median of {_TIMES}",
        median(run.cpu for run in runs),
        0.2,
        "s CPU",
        f"{max(run.rss for run in runs) / 1024:.0f} MB, {len(imported)} modules",
    )
    yield Line("help", "cloud SDKs imported by it", len(sdks), 0, "packages", ", ".join(sdks))
