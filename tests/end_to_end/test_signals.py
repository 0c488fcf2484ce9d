"""SIGTERM and Ctrl-C in the middle of a run: a quick end, an entry that says so, and a next run as usual."""

from __future__ import annotations

import signal
import time

import pytest

from tests.end_to_end.program import Program, finish, on_sqlite

pytestmark = on_sqlite

PATIENCE = 60.0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signal_ends_a_run_at_once_and_leaves_a_word(program: Program, number: signal.Signals, code: int) -> None:
    """Exit within five seconds even while calls hang, with the shell's code and an abort entry."""
    faults = program.account.faults
    faults.latency = 0.05
    process = program.start()
    began = time.monotonic()
    while faults.calls.total() < 30:
        assert process.poll() is None, finish(process).err
        assert time.monotonic() - began < PATIENCE
        time.sleep(0.01)
    faults.latency = 8.0  # whatever is asked from now on hangs
    time.sleep(0.2)

    sent = time.monotonic()
    process.send_signal(number)
    said = finish(process)

    faults.latency = 0
    assert time.monotonic() - sent < 5
    assert said.code == code
    assert "Traceback" not in said.err
    (abort,) = program.ledger("abort")
    assert abort.said["reason"] == "interrupted"
    assert abort.said["pages"] > 0
    assert program.staged() == 0
    assert program.ledger("run") == []
    assert program.collect().code == 0
    assert program.wrong() == []
