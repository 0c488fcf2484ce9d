"""kill -9 at twenty instants: the next run goes on, nothing acknowledged is lost, and everything still adds up."""

from __future__ import annotations

import random
import time

from tests.end_to_end.program import Program, finish

KILLS = 10
"""For each kind of database."""
LATENCY = 0.004
PATIENCE = 60.0


def test_killed_at_any_instant_loses_nothing(program: Program) -> None:
    """Half of the kills fall among the calls, half into judging, sealing and signing."""
    chance = random.Random(2026)
    faults = program.account.faults
    assert program.collect().code == 0
    clean, documents, calls = program.verdicts(), program.documents(), faults.calls.total()
    faults.latency = LATENCY
    acknowledged = []

    for number in range(KILLS):
        late = number % 2
        until = calls - 1 if late else chance.randrange(1, calls)
        faults.calls.clear()
        process = program.start()
        began = time.monotonic()
        while faults.calls.total() < until and process.poll() is None:
            assert time.monotonic() - began < PATIENCE
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.8) if late else 0)
        process.kill()
        said = finish(process)
        if said.code in (0, 3):
            acknowledged += [report["entry"] for report in said.json]
        else:
            assert said.code == -9, said.err

    faults.latency = 0
    last = program.collect()

    starts = {entry.seq for entry in program.ledger("run-start")}
    runs = {entry.ref: entry for entry in program.ledger("run")}
    aborts = {entry.ref: entry for entry in program.ledger("abort")}
    assert last.code == 0, last.err
    assert starts == set(runs) | set(aborts)
    assert not set(runs) & set(aborts)
    assert {entry.said["reason"] for entry in aborts.values()} == {"crash"}
    assert len(aborts) >= KILLS // 2
    assert {entry.seq for entry in runs.values()} >= set(acknowledged)
    assert program.staged() == 0
    assert program.verdicts() == clean
    assert program.documents() == documents
    assert program.wrong() == []
