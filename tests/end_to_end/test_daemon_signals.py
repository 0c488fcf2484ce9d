"""How the daemon ends, reloads, pauses and says that it lives."""

from __future__ import annotations

import socket
import threading
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from agent import clock
from tests.end_to_end.daemons import Deployment, Process
from tests.end_to_end.program import on_sqlite
from tests.sinks import HOST, WebhookSink, free_port

GRACE = 5.0
"""Seconds that a container gives a process to end, at the least."""
HANGS = 8.0
"""Seconds that an answer takes of a provider that hangs."""


def test_sigterm_ends_an_idle_daemon(deployment: Deployment) -> None:
    """With nothing under way it is gone within the grace time, with exit code 0 and its sign of life taken back."""
    daemon = deployment.start()
    deployment.settled(0)
    deployment.until(lambda: not _reading(deployment), "nothing is read")

    took = daemon.end()

    assert took < GRACE
    assert daemon.code == 0
    assert deployment.entries("abort") == []
    assert deployment.living() == []
    assert deployment.run("status", "--json").json["ledger"]["checkpoint"] == len(deployment.entries())
    assert deployment.program.wrong() == []


def test_sigterm_breaks_off_a_run(deployment: Deployment) -> None:
    """Even while calls hang it is gone within the grace time, and the ledger says why the run has no end."""
    faults = deployment.account.faults
    faults.latency = 0.05
    daemon = deployment.start()
    deployment.until(lambda: faults.calls.total() > 30, "the run is under way")
    faults.latency = HANGS
    time.sleep(0.2)

    took = daemon.end()

    faults.latency = 0.0
    assert took < GRACE
    assert daemon.code == 0
    (abort,) = deployment.entries("abort")
    assert abort.said["reason"] == "interrupted"
    assert abort.said["pages"] > 0
    assert [entry.seq for entry in deployment.entries("run-start")] == [abort.ref]
    assert deployment.unfinished() == []
    assert deployment.program.staged() == 0
    assert [line for line in daemon.lines() if line["level"] == "error"] == []
    again = deployment.start()
    deployment.settled(0)
    assert again.end() < GRACE
    assert len(deployment.entries("abort")) == 1
    assert deployment.program.wrong() == []


@on_sqlite
def test_sighup_takes_over_a_new_target(deployment: Deployment) -> None:
    """A target that is added to the file is read in the slot that is due, without a new start."""
    daemon = deployment.start()
    deployment.settled(0)

    deployment.configure(targets=[deployment.target(), deployment.target("second")])
    daemon.hang_up()

    deployment.settled(0, "second")
    assert deployment.slots() == [0]
    assert [line["targets"] for line in daemon.lines("settings.adopted")] == [2]
    deployment.go_to(1)
    deployment.settled(1)
    deployment.settled(1, "second")
    assert daemon.end() < GRACE


@on_sqlite
def test_sighup_with_a_mistake_changes_nothing(deployment: Deployment, hook: WebhookSink) -> None:
    """The old settings stay in force, the mistake is told once, and that it is mended as well."""
    daemon = deployment.start()
    deployment.settled(0)

    good = deployment.program.file.read_text(encoding="utf-8")
    deployment.program.file.write_text(good.replace('cloud = "aws"', 'cloud = "moon"'), encoding="utf-8")
    for number in (1, 2):
        daemon.hang_up()
        deployment.until(partial(_was_refused, daemon, number), "it is refused")
    deployment.slot(1)
    deployment.program.file.write_text(good, encoding="utf-8")
    daemon.hang_up()
    deployment.until(lambda: daemon.lines("settings.adopted"), "it is adopted")
    deployment.until(lambda: not deployment.pending(), "it is told")
    deployment.slot(2)

    assert daemon.end() < GRACE
    told = [post.json for post in hook.posts]
    assert [(each["change"], each["condition"]) for each in told] == [
        ("opened", "configuration"),
        ("recovered", "configuration"),
    ]
    assert "targets" in told[0]["items"][0]["reason"]
    assert str(deployment.program.file) in told[0]["items"][0]["reason"]
    assert deployment.slots() == [0, 1, 2]


@on_sqlite
def test_once_runs_what_is_due_and_ends(deployment: Deployment, hook: WebhookSink) -> None:
    """The second time in a slot nothing is due; a partial run has the exit code that `collect` gives it."""
    faults = deployment.account.faults

    codes, calls = [], []
    for slot in (0, 0, 1, 1):
        if slot:
            faults.deny.add("kms:GetKeyRotationStatus")
        deployment.go_to(slot)
        faults.calls.clear()
        process = deployment.start("run", "--once")
        process.wait()
        codes.append(process.code)
        calls.append(faults.calls.total() > 0)

    assert codes == [0, 0, 3, 0]
    assert calls == [True, False, True, False]
    assert deployment.slots() == [0, 1]
    assert deployment.pending() == []
    assert [(post.json["change"], post.json["condition"]) for post in hook.posts] == [("opened", "acme:permission")]
    assert len(deployment.entries("run-start")) == 2
    assert deployment.run("status", "--json").json["ledger"]["checkpoint"] == len(deployment.entries())


@on_sqlite
def test_once_leaves_the_slots_to_a_daemon_that_leads(deployment: Deployment) -> None:
    """Beside a daemon it does nothing, and says in one line what to do."""
    daemon = deployment.start()
    deployment.settled(0)
    calls = deployment.account.faults.calls.total()

    said = deployment.run("run", "--once")

    assert said.code == 2
    assert "another process leads" in said.complaint
    assert deployment.account.faults.calls.total() == calls
    assert daemon.end() < GRACE


@on_sqlite
def test_ping_stops_when_the_daemon_dies(deployment: Deployment) -> None:
    """The monitor outside hears from it each second while it lives, and nothing after kill -9."""
    with _Monitor() as monitor:
        address = f"http://{HOST}:{monitor.port}/ping/9f8e7d6c"
        deployment.configure(daemon={"listen": "", "ping_url": address, "ping_every": "1s"})
        daemon = deployment.start()
        deployment.until(lambda: len(monitor.heard) > 2, "it is heard")
        daemon.kill()
        time.sleep(0.2)
        before = len(monitor.heard)
        time.sleep(2.5)

        assert len(monitor.heard) == before
        assert set(monitor.heard) == {"/ping/9f8e7d6c"}
        assert "9f8e7d6c" not in daemon.text


@on_sqlite
def test_ping_that_nobody_hears_hurts_nothing(deployment: Deployment) -> None:
    """A monitor that is down is logged without its address, and the slots are run."""
    address = f"http://{HOST}:{free_port()}/ping/9f8e7d6c"
    deployment.configure(daemon={"listen": "", "ping_url": address, "ping_every": "1s"})
    daemon = deployment.start()

    deployment.settled(0)
    deployment.until(lambda: daemon.lines("ping.failed"), "it is noticed")

    assert "9f8e7d6c" not in daemon.text
    assert daemon.end() < GRACE
    assert daemon.code == 0


@on_sqlite
def test_daemon_without_a_target_idles(deployment: Deployment) -> None:
    """It lives, says what to do, and writes nothing about anything."""
    deployment.configure(targets=[])
    daemon = deployment.start()
    deployment.until(deployment.living, "it has left a sign of life")

    assert deployment.run("status", "--alive").code == 0
    (idle,) = daemon.lines("daemon.idle")
    assert "[[targets]]" in idle["fix"]
    assert deployment.entries("run-start") == []
    assert daemon.end() < GRACE
    assert daemon.code == 0
    assert deployment.run("status", "--alive").code == 3


def test_slots_of_a_pause_are_gap_entries(deployment: Deployment) -> None:
    """After three hours without a daemon each missed slot has an entry, dated when it was written."""
    first = deployment.start()
    deployment.slot(0)
    assert first.end() < GRACE
    deployment.go_to(4)
    second = deployment.start()
    deployment.settled(4)
    assert second.end() < GRACE

    assert deployment.slots() == [0, 4]
    missed = [gap for gap in deployment.gaps() if gap.entry == "gap"]
    assert [(deployment.number(gap.slot), gap.gap.reason) for gap in missed] == [
        (number, "AGENT_DOWN") for number in (1, 2, 3)
    ]
    now = deployment.clock()
    assert {gap.at for gap in missed} == {now}
    newest = deployment.runs()[-1]
    assert (newest.slot, newest.started) == (now - 60_000_000, now)
    assert [line["first"] for line in second.lines("slots.missed")] == [clock.iso(missed[0].slot)]
    assert deployment.program.wrong() == []


@on_sqlite
def test_target_that_hangs_delays_no_other(deployment: Deployment) -> None:
    """One endpoint takes connections and never answers; the other target's slots are run in time."""
    with socket.create_server((HOST, 0)) as silent:
        endpoint = f"http://{HOST}:{silent.getsockname()[1]}"
        deployment.configure(targets=[deployment.target("hangs", endpoint=endpoint), deployment.target()])
        daemon = deployment.start()
        deployment.settled(0)
        assert deployment.slots("hangs") == []
        for slot in (1, 2):
            deployment.slot(slot)

        assert deployment.slots() == [0, 1, 2]
        assert "hangs" in _reading(deployment)
        assert daemon.end() < GRACE
        assert daemon.code == 0
    assert deployment.unfinished() == []


def _was_refused(daemon: Process, times: int) -> bool:
    return len(daemon.lines("settings.refused")) == times


def _reading(deployment: Deployment) -> set[str]:
    """Names of the targets that are being read, as status tells."""
    told = deployment.run("status", "--json").json["processes"]
    return {name for row in told for name in row["running"]}


class _Monitor:
    """A monitor outside, which is asked with GET."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        monitor = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                monitor.heard.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing on standard error."""

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
