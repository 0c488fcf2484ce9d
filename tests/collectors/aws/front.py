"""A front before moto that sees who signs what and when, closes roles, and lets their credentials run out."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

from werkzeug.serving import make_server

from agent.demo.loopback import Faults, application_of, recognize

StartResponse = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it arrived."""

    service: str
    operation: str
    key: str
    """The access key that signed it."""
    at: float
    """Seconds, by the monotonic clock."""
    form: dict[str, list[str]]

    @property
    def role(self) -> str:
        """The role that an AssumeRole asked for."""
        return self.form.get("RoleArn", [""])[0]


@dataclass(slots=True)
class Front:
    """What it saw, and what it does.  May be changed while it serves."""

    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    """Roles that nobody may assume."""
    refused: dict[str, str] = field(default_factory=dict)
    """Operations, `kms:ListKeys`, that are refused with this error code."""
    life: float = 0.0
    """Seconds that the credentials of a role live; 0 for an hour."""
    until: float = float("inf")
    """From this moment on they live an hour."""
    ends: dict[str, float] = field(default_factory=dict)
    """When each access key with a short life runs out."""

    def of(self, operation: str) -> list[Seen]:
        """What arrived of one operation."""
        return [each for each in self.seen if each.operation == operation]

    def reset(self) -> None:
        """Forget what was seen, and stand in nobody's way."""
        self.__init__(self.url)  # type: ignore[misc]  # the server holds this very object

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer as moto does, or refuse."""
        seen = self._see(environ)
        if time.monotonic() > self.ends.get(seen.key, float("inf")):
            return _refuse(start_response, seen, "ExpiredToken")
        if f"{seen.service}:{seen.operation}" in self.refused:
            return _refuse(start_response, seen, self.refused[f"{seen.service}:{seen.operation}"])
        if seen.role in self.closed:
            return _refuse(start_response, seen, "AccessDenied")
        answer = self._moto(environ, start_response)
        short = seen.operation == "AssumeRole" and self.life and seen.at < self.until
        return self._shorten(answer) if short else answer

    def _see(self, environ: dict[str, Any]) -> Seen:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        service, operation = recognize(environ)
        key = re.search(r"Credential=([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
        form = parse_qs(body.decode()) if b"Action=" in body else {}
        self.seen.append(Seen(service, operation, key[1] if key else "", time.monotonic(), form))
        return self.seen[-1]

    _moto = staticmethod(application_of(Faults()))

    def _shorten(self, answer: Iterable[bytes]) -> list[bytes]:
        """The credentials of an answer run out soon; its length stays the same."""
        text = b"".join(answer).decode()
        key = re.search(r"<AccessKeyId>(\w+)<", text)
        old = re.search(r"<Expiration>([^<]+)<", text)
        assert key
        assert old
        ends = (datetime.now(UTC) + timedelta(seconds=self.life)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        self.ends[key[1]] = time.monotonic() + self.life
        return [text.replace(old[1], ends[: len(old[1]) - 1] + "Z").encode()]


def _refuse(start_response: StartResponse, seen: Seen, code: str) -> list[bytes]:
    start_response("400 Bad Request" if "Throttl" in code else "403 Forbidden", [("Content-Type", "text/plain")])
    if seen.form:
        return [f"<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>".encode()]
    return [f'{{"__type": "{code}"}}'.encode()]


@contextmanager
def serve() -> Iterator[Front]:
    """Serve a new front on a free port of 127.0.0.1."""
    front = Front()
    server = make_server("127.0.0.1", 0, front, threaded=True)
    front.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True, name="front")
    thread.start()
    try:
        yield front
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
