"""What the loopback clouds that speak HTTP and JSON have in common: one server, its faults, what it was asked."""

from __future__ import annotations

import json
import re
import ssl
import threading
import time
import uuid
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

PAGE = 2
"""Items of a page: few, so that paging is always exercised."""
PROSE = "made up by the loopback server for somebody@example.com"
"""What an error says beside its code; nobody may keep it."""


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong."""

    match: str
    """Regular expression on `GET /path?query`, without regard to case."""
    status: int = 403
    code: str = ""
    """The provider's own word; by default the one that belongs to the status."""
    kind: str = "status"
    """`status`, `malformed`, `truncate` or `reset`."""
    after: int = 0
    """So many matching requests go well first."""
    times: int | None = None
    """It happens so often and then no more; None: for good."""
    retry_after: int | None = None
    seen: int = 0

    def strikes(self, asked: str) -> bool:
        """Whether it concerns this request, counting those that it might concern."""
        if not re.search(self.match, asked, re.IGNORECASE):
            return False
        self.seen += 1
        return self.seen > self.after and (self.times is None or self.seen <= self.after + self.times)


@dataclass(slots=True)
class Served:
    """What goes wrong at a server, and what it was asked.  May be changed while it runs."""

    faults: list[Fault] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    """By method and path, without query."""
    writes: list[str] = field(default_factory=list)
    """What was asked for and is no read."""
    paused: dict[str, float] = field(default_factory=dict)
    """Until when a question must not be asked again, by `time.monotonic`."""
    early: list[str] = field(default_factory=list)
    """What was asked for again before its Retry-After was over."""


class Handler(BaseHTTPRequestHandler):
    """One connection.  A cloud says how it answers and how it puts an error."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    """Otherwise each answer waits 40 ms between its head and its body, for the client to confirm the head."""
    estate: Served
    lock: threading.Lock
    id_header: ClassVar[str]
    """The header by which an answer can be named."""

    @abstractmethod
    def reply(self, sent: bytes | None) -> None:
        """Answer a GET, or a POST with what was `sent`."""

    @abstractmethod
    def error(self, status: int, code: str = "", retry_after: int | None = None) -> None:
        """Answer with an error; without a code, with the one that belongs to the status."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Any read."""
        self.reply(None)

    def do_POST(self) -> None:
        """A token, or a question that is asked by POST."""
        self.reply(self._sent())

    def refuse_write(self) -> None:
        """Keep what was asked for, and refuse it."""
        if self.command != "POST":
            self._sent()
        self.estate.writes.append(f"{self.command} {self.path}")
        self.error(403)

    do_PUT = do_PATCH = do_DELETE = refuse_write  # noqa: N815  # names that the library calls

    def stopped(self, name: str) -> bool:
        """Count the request under this name; whether a fault or a missing token was its whole answer."""
        asked = f"{self.command} {self.path}"
        with self.lock:
            self.estate.calls[f"{self.command} {name}"] += 1
            if time.monotonic() < self.estate.paused.get(asked, 0):
                self.estate.early.append(asked)
            fault = next((each for each in self.estate.faults if each.strikes(asked)), None)
            if fault is not None and fault.retry_after is not None:
                self.estate.paused[asked] = time.monotonic() + fault.retry_after - 0.05
        if fault is not None:
            self._break(fault)
        elif not (self.headers.get("Authorization") or "").startswith("Bearer "):
            self.error(401)
        else:
            return False
        return True

    def send(self, status: int, body: Any, retry_after: int | None = None) -> None:
        """Answer in JSON."""
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header(self.id_header, str(uuid.uuid4()))
        if retry_after is not None:
            self.send_header("Retry-After", str(retry_after))
        self.end_headers()
        self.wfile.write(content)

    def _sent(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _break(self, fault: Fault) -> None:
        if fault.kind == "reset":
            self.close_connection = True
            self.connection.close()
        elif fault.kind in ("malformed", "truncate"):
            body = b'{"value": [{"half an answer": '
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body) + (100 if fault.kind == "truncate" else 0)))
            # Said, so that no other question is sent on this connection and breaks with it.
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
        else:
            self.error(fault.status, fault.code, fault.retry_after)


@contextmanager
def serve(handler: type[Handler], estate: Served, chain: Path | None = None) -> Iterator[int]:
    """Serve an estate on loopback while the block runs, over TLS with the certificate of `chain`; its port."""
    own = {"estate": estate, "lock": threading.Lock()}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (handler,), own))
    server.daemon_threads = True
    if chain is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, name="loopback", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
