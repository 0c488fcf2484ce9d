"""Where the program begins and ends: signals, errors and exit codes."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
import threading
from contextlib import suppress
from types import FrameType

import click

from agent.errors import Exit, OperatorError
from collectors.errors import ConfigurationFault
from storage.errors import IntegrityError, StoreError

_M_TRIM_THRESHOLD, _M_ARENA_MAX = -1, -8
"""Of glibc's malloc.h."""
_TRIM_BYTES = 128 * 1024
"""Glibc's own first value; naming it keeps glibc from raising it."""
SIGNALLED = 128
"""Exit code of a process that a signal ended: this plus the signal's number."""


class Ended(SystemExit):
    """SIGTERM: finish what is under way in the store, then end."""


def _end(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)
    raise Ended(SIGNALLED + number)


def _settle_memory() -> None:
    """Spend less on memory than the defaults do; both were measured on a run of the seeded account.

    What a run makes, service models above all, lives to its end, so looking for garbage often finds none: a tenth of
    the CPU.  One heap for all reading threads, whose free end goes back to the system: an eighth of the memory.
    """
    gc.set_threshold(50_000, 50, 1000)
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(_M_ARENA_MAX, 1)
        libc.mallopt(_M_TRIM_THRESHOLD, _TRIM_BYTES)


def main() -> None:
    """Run the command line.  As process 1 of a container nothing handles SIGTERM unless we do."""
    _settle_memory()
    signal.signal(signal.SIGTERM, _end)
    code = run(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    if any(thread is not threading.main_thread() and not thread.daemon for thread in threading.enumerate()):
        # Calls under way may take a minute to give up, and nobody waits for their answers any more.
        os._exit(code)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; what an operator can fix is one line on standard error."""
    from agent.cli.main import cli  # noqa: PLC0415  # after the signal handler is in place

    try:
        code = cli.main(arguments, prog_name="proofkeep", standalone_mode=False)
    except click.exceptions.Abort:
        return SIGNALLED + signal.SIGINT
    except KeyboardInterrupt:
        return SIGNALLED + signal.SIGINT
    except click.ClickException as error:
        error.show()
        return Exit.CONFIGURATION
    except IntegrityError as error:
        return _say(error, Exit.INTEGRITY)
    except OperatorError as error:
        return _say(error, error.exit_code)
    except (StoreError, ConfigurationFault) as error:
        return _say(error, Exit.CONFIGURATION)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else Exit.CONFIGURATION
    return code if isinstance(code, int) else Exit.OK


def _say(error: Exception, code: int) -> int:
    click.echo(f"proofkeep: {error}", err=True)
    return code


if __name__ == "__main__":
    main()
