"""The loopback account in a process of its own, so that its work is not counted as the agent's.

It says one line of JSON when the account is ready.  Each line that it is then sent is a latency in seconds, from
now on; it ends with its standard input.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.benchmarks.lines import BenchmarkFailed
from tests.benchmarks.processes import ROOT, environment


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    endpoint: str
    resources: int
    """How many resources its account has; 0 when somebody else made it."""
    _control: IO[str] | None = None

    def delay(self, seconds: float) -> None:
        """Let every answer wait from now on."""
        if self._control is None:
            raise BenchmarkFailed(f"nobody here can slow down {self.endpoint}")
        self._control.write(f"{seconds}\n")
        self._control.flush()


@contextmanager
def serve(folder: Path, scale: int) -> Iterator[Server]:
    """An account of this scale, for as long as the block runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.server", str(scale)],
        cwd=ROOT,
        env=environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    if process.stdin is None or process.stdout is None:
        raise BenchmarkFailed("the loopback server has no pipes")
    try:
        ready = process.stdout.readline()
        if not ready:
            raise BenchmarkFailed("the loopback server did not start; its complaint stands above")
        said = json.loads(ready)
        yield Server(said["endpoint"], said["resources"], process.stdin)
    finally:
        process.stdin.close()
        process.wait(timeout=60)
        process.stdout.close()


def main() -> None:
    """Build the account, say so, and serve it until standard input ends."""
    from agent.demo.loopback import Faults, loopback_aws  # noqa: PLC0415  # not in the measuring process
    from tests.benchmarks.estate import Estate  # noqa: PLC0415

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    faults = Faults(whole_root=True)
    with loopback_aws(faults) as endpoint:
        # Identifiers of the server's own making are the same in each run, too.
        urllib.request.urlopen(f"{endpoint}/moto-api/seed?a=1", data=b"").close()  # noqa: S310
        resources = Estate(endpoint, int(sys.argv[1])).build()
        sys.stdout.write(json.dumps({"endpoint": endpoint, "resources": resources}) + "\n")
        sys.stdout.flush()
        for line in sys.stdin:
            faults.latency = float(line)


if __name__ == "__main__":
    main()
