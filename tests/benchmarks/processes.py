"""Starts programs and measures what each one used: CPU, wall time and memory of that process alone.

The measuring process stays small on purpose.  Linux counts the memory that a child shares with its parent before it
starts its own program, so a large parent would show up in the child's peak.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.benchmarks.lines import BenchmarkFailed

ROOT = Path(__file__).resolve().parents[2]
_KIB_PER_UNIT = 1 if sys.platform == "linux" else 1 / 1024
_OURS = ("AWS_", "PROOFKEEP_", "MOTO_", "PYTHON")


@dataclass(frozen=True, slots=True)
class Usage:
    """What one process used and said."""

    cpu: float
    """Seconds of user and system time."""
    wall: float
    """Seconds from start to end."""
    rss: float
    """Peak resident memory in KiB."""
    output: str
    errors: str
    code: int


def environment(folder: Path) -> dict[str, str]:
    """Of the measured programs: this checkout, made-up credentials, none of the caller's settings.

    Bytecode is cached in `folder`, as it is in any installation: a first run compiles, the measured ones do not.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {
        **kept,
        "PYTHONPATH": path,
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


class Started:
    """A program under way, with what it says in two files."""

    def __init__(self, *arguments: str, folder: Path, output: IO[bytes], errors: IO[bytes]) -> None:
        """Start this interpreter in `folder`."""
        self._arguments = arguments
        self._output, self._errors = output, errors
        self._began = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder,
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
        )
        self._done: Usage | None = None

    def end(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def close(self) -> None:
        """Leave no process behind, whatever went wrong."""
        if self._done is None:
            self._process.kill()
            self._process.wait()

    def wait(self, codes: Sequence[int] = (0,)) -> Usage:
        """What it used, once it has ended.  Raises BenchmarkFailed for an unexpected exit code."""
        if self._done is None:
            _, status, used = os.wait4(self._process.pid, 0)
            self._process.returncode = os.waitstatus_to_exitcode(status)
            self._done = Usage(
                cpu=used.ru_utime + used.ru_stime,
                wall=time.perf_counter() - self._began,
                rss=used.ru_maxrss * _KIB_PER_UNIT,
                output=_text(self._output),
                errors=_text(self._errors),
                code=self._process.returncode,
            )
        if self._done.code not in codes:
            last = self._done.errors.strip().splitlines()[-1:] or ["nothing on standard error"]
            raise BenchmarkFailed(f"python {' '.join(self._arguments)}: exit code {self._done.code}: {last[0]}")
        return self._done


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def python(
    *arguments: str,
    folder: Path,
    codes: Sequence[int] = (0,),
) -> Usage:
    """Run this interpreter in `folder` and measure it.  Raises BenchmarkFailed for an unexpected exit code."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        return Started(*arguments, folder=folder, output=output, errors=errors).wait(codes)
