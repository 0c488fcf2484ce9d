"""One small port for those who watch the process: /healthz, /readyz and /metrics, and nothing else."""

from __future__ import annotations

import errno
import socket
import sys
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from agent.errors import OperatorError
from agent.log import logger

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PLAIN_TYPE = "text/plain; charset=utf-8"
SILENCE = 3.0
"""Seconds that a connection may say nothing."""
LONGEST = 10.0
"""Seconds after which a connection is cut off, whatever it does."""
ATONCE = 8
"""Connections served at once; one more is closed."""
_POLL = 0.2

Reason = Callable[[], str | None]
"""Why something is not well, in one line; None when it is."""


class Health:
    """Serves on `listen` until `close`."""

    def __init__(self, listen: str, live: Reason, ready: Reason, metrics: Callable[[], bytes]) -> None:
        """Listen at once, on `host:port` or `[address]:port`.  Raises OperatorError when that cannot be."""
        host, _, port = listen.rpartition(":")
        try:
            family, _, _, _, address = socket.getaddrinfo(
                host.strip("[]"), int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            self._server = _Server(family, address, {"/healthz": live, "/readyz": ready}, metrics)
        except OSError as error:
            raise OperatorError(_one_line(listen, error)) from error
        self.port: int = self._server.server_address[1]
        """The port in use, also where `listen` leaves it to the system with 0."""
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL,), name="health", daemon=True
        )  # fmt: skip
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _one_line(listen: str, error: OSError) -> str:
    said = {
        errno.EADDRINUSE: "another program listens there",
        errno.EACCES: "this user may not listen there",
        errno.EADDRNOTAVAIL: "this machine does not have that address",
    }.get(error.errno or 0, error.strerror or str(error))
    return f'[daemon] listen = "{listen}": {said}; write another host:port, or "" for none'


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_port = False

    def __init__(
        self, family: int, address: Any, reasons: dict[str, Reason], metrics: Callable[[], bytes]
    ) -> None:  # fmt: skip
        self.address_family = family
        self.reasons = reasons
        self.metrics = metrics
        self._free = threading.Semaphore(ATONCE)
        self._open: dict[Any, float] = {}
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without asking the name service what this machine is called, as the standard library would."""
        TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve in a thread of its own, unless too many are at it."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        self._open[request] = time.monotonic()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Make room for the next one when this one is served."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._open.pop(request, None)
            self._free.release()

    def service_actions(self) -> None:
        """Cut off who takes too long: a timeout alone lets a client send a letter now and then for ever."""
        for request, since in list(self._open.items()):
            if time.monotonic() - since > LONGEST and self._open.pop(request, 0.0):
                try:
                    request.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # closed meanwhile

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  # socketserver's
        """A client that went away is no event; anything else is our fault and is told."""
        if not isinstance(sys.exc_info()[1], OSError):
            logger().error("health.failed", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = SILENCE
    error_message_format = "%(code)d %(message)s\n"
    error_content_type = PLAIN_TYPE

    def do_GET(self) -> None:
        """Answer."""
        path = self.path.partition("?")[0]
        if path == "/metrics":
            self._answer(HTTPStatus.OK, self.server.metrics(), METRICS_TYPE)
        elif path in self.server.reasons:
            reason = self.server.reasons[path]()
            status = HTTPStatus.OK if reason is None else HTTPStatus.SERVICE_UNAVAILABLE
            self._answer(status, f"{reason or 'ok'}\n".encode(), PLAIN_TYPE)
        else:
            self._answer(HTTPStatus.NOT_FOUND, b"not found\n", PLAIN_TYPE)

    do_HEAD = do_GET  # noqa: N815  # the name that http.server looks for

    def _answer(self, status: HTTPStatus, body: bytes, media: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_response(self, code: int, message: str | None = None) -> None:
        """The status line alone: neither what software answers nor what its clock says."""
        self.send_response_only(code, message)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse; a method that we do not have is one that we do not allow."""
        if code == HTTPStatus.NOT_IMPLEMENTED:
            self.send_response(HTTPStatus.METHOD_NOT_ALLOWED)
            self.send_header("Allow", "GET, HEAD")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        super().send_error(code, message, explain)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name in the standard library
        """Say nothing: a probe each few seconds is no news."""
