"""Two processes for one target: never two runs of one slot."""

from __future__ import annotations

from dataclasses import replace

from storage import leases
from tests.end_to_end.program import NAME, Program, finish

CLEAR = ("another process works on", "was sealed already")


def test_two_processes_share_no_slot(program: Program) -> None:
    """Whoever comes second is told so in one line, or finds the slot run; the ledger has one run for it."""
    weekly = replace(program, every="7d")
    weekly.configure()
    weekly.account.faults.latency = 0.01

    processes = [weekly.start("--scheduled") for _ in range(2)]
    answers = [finish(process) for process in processes]

    runs = weekly.ledger("run")
    assert len(runs) == 1
    assert runs[0].said["scheduled"] is True
    sealed = [said for said in answers if said.code == 0 and not said.json[0]["skipped"]]
    assert [said.json[0]["entry"] for said in sealed] == [runs[0].seq]
    for said in answers:
        if said.code == 0:
            continue
        assert said.code == 2
        assert any(word in said.complaint for word in CLEAR), said.complaint
    assert weekly.wrong() == []


def test_held_target_is_not_started(program: Program) -> None:
    """While somebody else holds the target, nothing is asked of the account and nothing is written about it."""
    with program.store() as store, leases.lease(store, f"aws:{NAME}"):
        said = program.collect()

    assert said.code == 2
    assert "another process works on 'aws:acme'" in said.complaint
    assert program.ledger("run-start") == []
    assert program.account.faults.calls.total() == 0
    assert program.collect().code == 0


def test_slot_that_was_run_is_skipped(program: Program) -> None:
    """The second scheduled run of a slot says so and asks nothing; one on demand still reads."""
    weekly = replace(program, every="7d")
    weekly.configure()
    weekly.collect("--scheduled")
    calls = weekly.account.faults.calls.total()

    again = weekly.collect("--scheduled")

    assert again.code == 0
    assert again.json[0]["skipped"] is True
    assert weekly.account.faults.calls.total() == calls
    assert weekly.collect().code == 0
    assert [entry.said["scheduled"] for entry in weekly.ledger("run")] == [True, False]
