"""Starts the program under a clock that a test moves: `clocked.py CLOCKFILE PACE -- run --config FILE`.

CLOCKFILE holds microseconds since the epoch in 16 digits.  PACE is `quick` for a daemon that looks around five times a
second, or `shipped` for one that keeps its own intervals.  The times of the SDK and of the provider stay real.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

DIGITS = 16
QUICK = 0.2
"""Seconds between two looks at the schedule, and at the outbox."""
QUICK_BEAT = 0.5


def reader(file: str) -> Callable[[], int]:
    """A clock that shows what the file holds."""
    handle = os.open(file, os.O_RDONLY)
    return lambda: int(os.pread(handle, DIGITS, 0))


def main() -> None:
    """Change the clock before anything has asked for the time."""
    file, pace, separator, *words = sys.argv[1:]
    assert separator == "--"
    from agent import clock  # noqa: PLC0415  # the folder of the program is on the path, this one is not

    clock.now = reader(file)
    if pace == "quick":
        from agent import daemon  # noqa: PLC0415

        daemon.TICK = daemon.POST = QUICK  # type: ignore[assignment]  # declared as whole seconds
        daemon.BEAT = QUICK_BEAT  # type: ignore[assignment]
    from agent.__main__ import main as program  # noqa: PLC0415

    sys.argv = ["proofkeep", *words]
    program()


if __name__ == "__main__":
    main()
