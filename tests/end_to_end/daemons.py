"""The daemon as a process of its own under a clock that the test moves, and the network between it and the account."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from agent import clock
from agent.demo.estate import Estate
from agent.demo.loopback import Faults, loopback_aws
from storage import daemons, outbox, reads
from storage.engine import Store
from storage.rows import DaemonRow, GapSeen, OutboxRow, RunRow
from tests.end_to_end.clocked import DIGITS
from tests.end_to_end.program import NAME, Account, Entry, Program, Said
from tests.house.tree import ROOT
from tests.sinks import HOST, MailSink, _Mailbox, free_port

SECOND = 1_000_000
SECRET = "whsec-4Jd83kQzPm1x"
"""Key of the webhook's signature."""
HOUR = 3600 * SECOND
PATIENCE = 45.0
"""Real seconds after which what should have happened has not."""


class FileClock:
    """A clock in a file, which stands still until it is moved."""

    def __init__(self, file: Path) -> None:
        """Begin at the next full hour, so that nothing that is read was made in the future."""
        self.file = file
        now = time.time_ns() // 1000
        self._time = now - now % HOUR + HOUR
        self.start = self._time
        self._write()

    def __call__(self) -> int:
        """Tell the time, in microseconds since the epoch."""
        return self._time

    def set(self, micros: int) -> None:
        """Go to a moment."""
        self._time = micros
        self._write()

    def advance(self, seconds: float) -> None:
        """Move on."""
        self.set(self._time + round(seconds * SECOND))

    def _write(self) -> None:
        handle = os.open(self.file, os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            os.pwrite(handle, f"{self._time:0{DIGITS}d}".encode(), 0)
        finally:
            os.close(handle)


class Gate:
    """A way to a server of loopback that can be shut: connections are then refused, as by a machine that is down."""

    def __init__(self, endpoint: str) -> None:
        """Lead to `endpoint` from now on."""
        self._to = (HOST, int(endpoint.rpartition(":")[2]))
        self.port = free_port()
        self.endpoint = f"http://{HOST}:{self.port}"
        self._listener: socket.socket | None = None
        self.open()

    def open(self) -> None:
        """Let connections through."""
        self._listener = socket.create_server((HOST, self.port), backlog=128)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True, name="gate").start()

    def shut(self) -> None:
        """Refuse connections."""
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # wakes up the thread that accepts
            self._listener.close()
        self._listener = None

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True, name="gate").start()

    def _carry(self, near: socket.socket) -> None:
        """Serve one connection until both sides have ended."""
        with near, socket.create_connection(self._to) as far:
            back = threading.Thread(target=_pass_on, args=(far, near), daemon=True, name="gate")
            back.start()
            _pass_on(near, far)
            back.join()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while some := one.recv(65536):
            other.sendall(some)
    for end, how in ((other, socket.SHUT_WR), (one, socket.SHUT_RD)):
        with suppress(OSError):
            end.shutdown(how)


@contextmanager
def fresh_account() -> Iterator[Account]:
    """The demo's estate on a server of its own, for a test that changes it."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    faults = Faults(whole_root=True)
    with loopback_aws(faults) as url:
        # The server's memory is the process's: another test may have left something there.
        urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST")).read()  # noqa: S310
        Estate(url).build()
        yield Account(url, faults)


class LockedMailSink(MailSink):
    """A mail server with a password, which counts those who give it."""

    USER, PASSWORD = "proofkeep", "pw-7hUq2vXk9LmZ"

    def __init__(self) -> None:
        """Choose a port; nothing answers before `start`."""
        super().__init__()
        self.logins = 0

    def url(self, *to: str, options: str = "") -> str:
        """Apprise address of this server with the password in it."""
        return super().url(*to, options=options).replace("//", f"//{self.USER}:{self.PASSWORD}@", 1)

    def start(self) -> None:
        """Answer from now on."""
        self._controller = Controller(
            _Mailbox(self), hostname=HOST, port=self.port, authenticator=self._know, auth_require_tls=False
        )
        self._controller.start()

    def _know(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
        known = given == LoginPassword(self.USER.encode(), self.PASSWORD.encode())
        self.logins += known
        return AuthResult(success=known)


class Process:
    """One daemon; its log is a file that outlives it."""

    def __init__(self, command: list[str], folder: Path, log: Path) -> None:
        """Start it."""
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def name(self) -> str:
        """What it calls itself."""
        return f"{socket.gethostname()}:{self._process.pid}"

    @property
    def code(self) -> int | None:
        """Exit code; None while it runs."""
        return self._process.poll()

    def kill(self) -> None:
        """End it with kill -9."""
        self._process.kill()
        self._process.wait()

    def hang_up(self) -> None:
        """SIGHUP."""
        self._process.send_signal(signal.SIGHUP)

    def end(self, seconds: float = 30) -> float:
        """SIGTERM; return after how many seconds it was gone.  One that does not end is killed, and fails the test."""
        sent = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        return self.wait(seconds) - sent

    def wait(self, seconds: float = PATIENCE) -> float:
        """Wait for its end; return when that was, by `time.monotonic`."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        return time.monotonic()

    def lines(self, event: str | None = None) -> list[dict[str, Any]]:
        """What it logged, or only the lines of one event."""
        whole = self.log.read_text(encoding="utf-8").splitlines(keepends=True)
        said = [json.loads(line) for line in whole if line.endswith("\n") and line.startswith("{")]
        return [line for line in said if event in (None, line["event"])]

    @property
    def text(self) -> str:
        """The whole log."""
        return self.log.read_text(encoding="utf-8")


@dataclass
class Deployment:
    """One configuration, one database, one clock, and the daemons that run on them."""

    program: Program
    clock: FileClock
    store: Store
    account: Account
    settings: dict[str, Any] = field(default_factory=dict)
    """The settings file but for the database."""
    processes: list[Process] = field(default_factory=list)

    def configure(self, **tables: Any) -> None:
        """Change tables of the settings and write the file."""
        self.settings |= tables
        lines = [f"database = {json.dumps(self.program.database)}"]
        for name, table in self.settings.items():
            for one in table if isinstance(table, list) else [table]:
                lines.append(f"[[{name}]]" if isinstance(table, list) else f"[{name}]")
                lines += [f"{key} = {_toml(value)}" for key, value in one.items()]
        self.program.file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def target(self, name: str = NAME, **settings: Any) -> dict[str, Any]:
        """A target of the loopback account."""
        given = {"name": name, "cloud": "aws", "regions": ["us-east-1"], "endpoint": self.account.endpoint}
        return {**given, "attempts": 2, **settings}

    def start(self, *words: str, pace: str = "quick") -> Process:
        """Start a daemon, or another command."""
        clocked = Path(__file__).with_name("clocked.py")
        command = [sys.executable, str(clocked), str(self.clock.file), pace, "--"]
        command += [*(words or ("run",)), "--json", "--config", str(self.program.file)]
        log = self.program.folder / f"daemon-{len(self.processes)}.log"
        self.processes.append(Process(command, self.program.folder, log))
        return self.processes[-1]

    def run(self, command: str, *words: str) -> Said:
        """Another command of the program, in this process and under the same clock."""
        return self.program.run(command, *words)

    # What the database says

    def slots(self, name: str = NAME) -> list[int]:
        """The slot of each sealed run of a target, as intervals since the start of the clock, oldest first."""
        return [self.number(run.slot) for run in self.runs(name)]

    def number(self, slot: int) -> int:
        """Position of a slot in the test's day."""
        hours, rest = divmod(slot - self.clock.start, HOUR)
        assert rest == 0
        return hours

    def runs(self, name: str = NAME) -> list[RunRow]:
        """Sealed runs of a target, oldest first."""
        with self.store.read() as conn:
            return [run for run in reads.runs(conn) if run.target.name == name]

    def gaps(self) -> list[GapSeen]:
        """Every gap but those that were chosen."""
        with self.store.read() as conn:
            return [each for each in reads.gaps(conn) if each.gap.reason != "EXCLUDED_BY_CONFIG"]

    def entries(self, type_: str | None = None) -> list[Entry]:
        """Ledger entries, oldest first."""
        return self.program.ledger(type_)

    def unfinished(self) -> list[int]:
        """Ledger positions of runs that were begun and have no end."""
        ended = {entry.ref for type_ in ("run", "abort") for entry in self.entries(type_)}
        return [entry.seq for entry in self.entries("run-start") if entry.seq not in ended]

    def living(self) -> list[DaemonRow]:
        """Signs of life."""
        with self.store.read() as conn:
            return daemons.daemons(conn)

    def waiting(self) -> list[OutboxRow]:
        """Messages that are pending or were given up."""
        with self.store.read() as conn:
            return outbox.waiting(conn)

    def pending(self) -> list[OutboxRow]:
        """Messages that are still to be sent."""
        return [row for row in self.waiting() if row.state == "pending"]

    # Waiting for it

    def until(self, condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> float:
        """Wait until something is so; return how long that took.

        A daemon that ended by itself, or too long a wait, fails the test with the end of the logs.
        """
        began = time.monotonic()
        while not condition():
            late = time.monotonic() - began > seconds
            dead = [process for process in self.processes if process.code not in (None, -signal.SIGKILL, 0)]
            assert not late, f"{what}: not so after {seconds} s\n{self.tail()}"
            assert not dead, f"{what}: a daemon ended by itself\n{self.tail()}"
            time.sleep(0.1)
        return time.monotonic() - began

    def settled(self, slot: int, name: str = NAME) -> None:
        """Wait until this slot of a target is sealed and nothing waits to be sent."""
        self.until(lambda: slot in self.slots(name), f"slot {slot} of {name} is sealed")
        self.until(lambda: not self.pending(), f"the messages of slot {slot} are sent")

    def slot(self, number: int, name: str = NAME) -> None:
        """Move the clock to a slot and wait until it is settled."""
        self.go_to(number)
        self.settled(number, name)

    def go_to(self, number: int) -> None:
        """Move the clock to a minute into a slot."""
        self.clock.set(self.clock.start + number * HOUR + 60 * SECOND)

    def tail(self) -> str:
        """The end of each log."""
        return "\n".join(f"--- {one.log.name} ({one.code})\n{one.text[-3000:]}" for one in self.processes)

    def close(self) -> None:
        """Leave no process behind."""
        for process in self.processes:
            if process.code is None:
                process.kill()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def deployed(program: Program, account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """A deployment on the program's database, which reads `account`; nothing is configured or started yet."""
    moved = FileClock(program.folder / "clock")
    monkeypatch.setattr(clock, "now", moved)
    with Deployment(program, moved, program.store(), account) as made:
        yield made


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    return json.dumps(value)
