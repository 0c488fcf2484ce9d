"""Two daemons on one database: one leads, the other takes over when it must, and no slot is run twice or left out."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import text

from storage.canon import sha256
from tests.end_to_end.daemons import Deployment, Process
from tests.end_to_end.program import NAME
from tests.sinks import WebhookSink

QUICKLY = 15.0
"""Seconds within which somebody leads again."""
SLOW = 0.15
"""Seconds that each answer takes, so that a run lasts a while."""

Record = Callable[[str, object], None]


def test_the_other_takes_over_when_the_leader_is_killed(
    deployment: Deployment, hook: WebhookSink, record_property: Record
) -> None:
    """After kill -9 in the middle of a run the standby ends the orphan, reads the slot again and goes on from there."""
    leader, standby = _two(deployment)
    deployment.slot(0)
    _slow_run(deployment, 1)

    leader.kill()
    took = deployment.until(lambda: standby.lines("leader.acquired"), "the standby leads", QUICKLY)
    record_property("take_over_seconds", round(took, 2))
    print(f"\nkilled in a run, {deployment.store.dialect}: the other leads after {took:.2f} s")  # noqa: T201
    deployment.account.faults.latency = 0.0
    deployment.settled(1)
    deployment.slot(2)
    third = deployment.start(pace="shipped")
    deployment.until(lambda: _roles(deployment) == {standby.name: "leader", third.name: "standby"}, "a third stands by")
    deployment.slot(3)

    assert standby.end() < 5
    deployment.until(lambda: third.lines("leader.acquired"), "the third leads", QUICKLY)
    deployment.slot(4)
    assert third.end() < 5
    (orphan,) = deployment.entries("abort")
    assert orphan.said["reason"] == "crash"
    assert Counter(deployment.slots()) == dict.fromkeys(range(5), 1)
    assert [gap.entry for gap in deployment.gaps()] == ["abort"]
    assert [post.json["condition"] for post in hook.posts] == ["restart"]
    assert hook.posts[0].json["items"][0]["reason"] == NAME
    assert [row.name for row in deployment.living()] == [leader.name]
    assert deployment.unfinished() == []
    assert deployment.program.staged() == 0
    assert deployment.program.wrong() == []
    assert [line for one in (standby, third) for line in one.lines() if line["level"] == "error"] == []


def test_both_ask_for_a_slot_and_one_gets_it(deployment: Deployment) -> None:
    """Two daemons that start at the same moment run each slot once, and status tells who leads."""
    deployment.go_to(0)
    both = [deployment.start(pace="shipped") for _ in range(2)]
    for slot in range(3):
        deployment.slot(slot)
    deployment.until(lambda: len(deployment.living()) == 2, "both left a sign of life")

    told = deployment.run("status", "--json").json["processes"]
    assert sorted(row["role"] for row in told) == ["leader", "standby"]
    assert {row["process"] for row in told} == {process.name for process in both}
    assert deployment.slots() == [0, 1, 2]
    assert len(deployment.entries("run-start")) == 3
    assert sum(len(process.lines("run.sealed")) for process in both) == 3
    assert [process.end() < 5 for process in both] == [True, True]
    assert [process.code for process in both] == [0, 0]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_leader_whose_session_ends_steps_down(deployment: Deployment, record_property: Record) -> None:
    """The server ends the leader's session in the middle of a run: it breaks off, and the slot is still run once."""
    leader, standby = _two(deployment)
    deployment.slot(0)
    _slow_run(deployment, 1)

    assert _end_session(deployment) == 1
    began = time.monotonic()
    deployment.until(
        lambda: standby.lines("leader.acquired") or len(leader.lines("leader.acquired")) > 1,
        "somebody leads again",
        QUICKLY,
    )
    took = time.monotonic() - began
    record_property("take_over_seconds", round(took, 2))
    print(f"\nsession ended: somebody leads after {took:.2f} s")  # noqa: T201
    deployment.account.faults.latency = 0.0
    deployment.until(lambda: leader.lines("leader.lost"), "the old leader has noticed")
    deployment.settled(1)
    deployment.slot(2)

    assert Counter(deployment.slots()) == {0: 1, 1: 1, 2: 1}
    assert sorted(_roles(deployment).values()) == ["leader", "standby"]
    assert sum(len(process.lines("run.sealed")) for process in (leader, standby)) == 3
    assert deployment.unfinished() == []
    assert leader.code is None
    assert standby.code is None
    assert [process.end() < 5 for process in (leader, standby)] == [True, True]
    assert deployment.program.wrong() == []


def _two(deployment: Deployment) -> tuple[Process, Process]:
    """A leader and then a standby, both with the intervals that are shipped."""
    deployment.go_to(0)
    leader = deployment.start(pace="shipped")
    deployment.until(lambda: leader.lines("leader.acquired"), "the first leads")
    standby = deployment.start(pace="shipped")
    deployment.until(
        lambda: _roles(deployment) == {leader.name: "leader", standby.name: "standby"}, "the second stands by"
    )
    return leader, standby


def _roles(deployment: Deployment) -> dict[str, str]:
    """Role of each process that is not known to be killed."""
    killed = {process.name for process in deployment.processes if process.code == -signal.SIGKILL}
    return {row.name: row.role for row in deployment.living() if row.name not in killed}


def _slow_run(deployment: Deployment, slot: int) -> None:
    """Begin a slot whose run lasts, and wait until it is well under way."""
    faults = deployment.account.faults
    faults.calls.clear()
    faults.latency = SLOW
    deployment.go_to(slot)
    deployment.until(lambda: faults.calls.total() > 40, "the run is under way")
    assert slot not in deployment.slots()


def _end_session(deployment: Deployment) -> int:
    """Make the server end the session that holds the lease of the leader; return how many there were."""
    key = sha256(b"lease\0daemon")[:8]
    query = text(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        " AND classid::bigint = :high AND objid::bigint = :low"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with deployment.store.read() as conn:
        bound = {"high": int.from_bytes(key[:4], "big"), "low": int.from_bytes(key[4:], "big")}
        return len(conn.execute(query, bound).all())
