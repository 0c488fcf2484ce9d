"""Google Cloud on loopback: its services and a token endpoint over real HTTP, with a provider's faults.

All services share one address; the first segment of a path is the service's host, as `storage.googleapis.com`.
"""

from __future__ import annotations

import json
import re
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from agent.demo.azure_loopback import Fault, strikes

PROJECT, NUMBER, ORGANIZATION = "acme-prod", "415104041262", "567890123456"
ROBOT = f"proofkeep@{PROJECT}.iam.gserviceaccount.com"
PAGE = 2
"""Items of a page: few, so that paging is always exercised."""
_SERVICE = re.compile(r"/([a-z0-9]+)\.googleapis\.com(/.*)")
_POSTS = re.compile(r":(getIamPolicy|getEffectiveOrgPolicy|listOrgPolicies)$")
_TOKEN = "/token"


@dataclass(frozen=True, slots=True)
class Listed:
    """A listing that is paged: the key that holds the items, and the items."""

    key: str
    items: list[Any]


@dataclass(slots=True)
class GcpEstate:
    """What the loopback Google holds.  May be changed while it is served."""

    answers: dict[str, Any] = field(default_factory=dict)
    """By service and path, `storage/storage/v1/b`: a body, or a `Listed`.  What is not there is not found."""
    disabled: set[str] = field(default_factory=set)
    """Services that the project never enabled."""
    faults: list[Fault] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    writes: list[str] = field(default_factory=list)
    paused: dict[str, float] = field(default_factory=dict)
    """Until when a question must not be asked again, by `time.monotonic`."""
    early: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """The project and its organization are always there."""
        project = {
            "name": f"projects/{NUMBER}",
            "projectId": PROJECT,
            "state": "ACTIVE",
            "displayName": PROJECT,
            "parent": f"organizations/{ORGANIZATION}",
        }
        crm = "cloudresourcemanager/v3"
        self.answers[f"{crm}/projects/{PROJECT}"] = project
        self.answers[f"{crm}/projects"] = Listed("projects", [project])
        self.answers[f"{crm}/projects:search"] = Listed("projects", [project])
        self.answers[f"{crm}/folders"] = Listed("folders", [])


@contextmanager
def loopback_gcp(estate: GcpEstate) -> Iterator[tuple[str, Path]]:
    """Serve an estate while the block runs; the template of its addresses, and a file with credentials for it."""
    own = {"estate": estate, "lock": threading.Lock()}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), own))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="loopback-gcp", daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{server.server_address[1]}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "credentials.json"
        file.write_text(json.dumps(_credentials(base)), encoding="utf-8")
        try:
            yield f"{base}/{{service}}.googleapis.com", file
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    estate: GcpEstate
    lock: threading.Lock

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Any read."""
        self._serve()

    def do_POST(self) -> None:
        """A token, or a question that is asked by POST."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == _TOKEN:
            self._json(200, {"access_token": "loopback", "token_type": "Bearer", "expires_in": 3600})
        elif _POSTS.search(urlsplit(self.path).path):
            self._serve()
        else:
            self._refuse_write()

    def _refuse_write(self) -> None:
        self.estate.writes.append(f"{self.command} {self.path}")
        self._error(403, "forbidden", "PERMISSION_DENIED")

    do_PUT = do_PATCH = do_DELETE = _refuse_write  # noqa: N815  # names that the library calls

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        found = _SERVICE.fullmatch(unquote(parts.path))
        asked = f"{self.command} {self.path}"
        if found is None:
            self._error(404, "notFound", "NOT_FOUND")
            return
        service, path = found.groups()
        with self.lock:
            self.estate.calls[f"{self.command} {service}{path}"] += 1
            if time.monotonic() < self.estate.paused.get(asked, 0):
                self.estate.early.append(asked)
            fault = next((each for each in self.estate.faults if strikes(each, asked)), None)
            if fault is not None and fault.retry_after is not None:
                self.estate.paused[asked] = time.monotonic() + fault.retry_after - 0.05
        if fault is not None:
            self._break(fault)
        elif not (self.headers.get("Authorization") or "").startswith("Bearer "):
            self._error(401, "authError", "UNAUTHENTICATED")
        elif service in self.estate.disabled:
            self._error(403, "accessNotConfigured", "PERMISSION_DENIED", info="SERVICE_DISABLED")
        else:
            self._answer(f"{service}{path}", {name: values[0] for name, values in parse_qs(parts.query).items()})

    def _answer(self, path: str, query: dict[str, str]) -> None:
        found = self.estate.answers.get(path)
        if found is None:
            self._error(404, "notFound", "NOT_FOUND")
        elif isinstance(found, Listed):
            skip = int(query.get("pageToken") or 0)
            page: dict[str, Any] = {found.key: found.items[skip : skip + PAGE]} if found.items else {}
            if skip + PAGE < len(found.items):
                page["nextPageToken"] = str(skip + PAGE)
            self._json(200, page)
        else:
            self._json(200, found)

    def _break(self, fault: Fault) -> None:
        if fault.kind == "reset":
            self.close_connection = True
            self.connection.close()
        elif fault.kind in ("malformed", "truncate"):
            body = b'{"items": [{"half an answer": '
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body) + (100 if fault.kind == "truncate" else 0)))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True
        else:
            reason, status = _WORDS.get(fault.status, ("error", "UNKNOWN"))
            self._error(fault.status, fault.code or reason, status, retry_after=fault.retry_after)

    def _error(self, code: int, reason: str, status: str, *, info: str = "", retry_after: int | None = None) -> None:
        error: dict[str, Any] = {
            "code": code,
            "status": status,
            "message": "made up by the loopback server for somebody@example.com",
            "errors": [{"reason": reason, "domain": "global", "message": "made up"}],
        }
        if info:
            error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": info}]
        self._json(code, {"error": error}, retry_after)

    def _json(self, status: int, body: Any, retry_after: int | None = None) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("x-goog-request-id", str(uuid.uuid4()))
        if retry_after is not None:
            self.send_header("Retry-After", str(retry_after))
        self.end_headers()
        self.wfile.write(content)


_WORDS = {
    400: ("badRequest", "INVALID_ARGUMENT"),
    401: ("authError", "UNAUTHENTICATED"),
    403: ("forbidden", "PERMISSION_DENIED"),
    404: ("notFound", "NOT_FOUND"),
    429: ("rateLimitExceeded", "RESOURCE_EXHAUSTED"),
    500: ("backendError", "INTERNAL"),
    503: ("backendError", "UNAVAILABLE"),
}


def _credentials(base: str) -> dict[str, str]:
    """A service account's file whose tokens come from the loopback server; its key is made for the day."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  # only where it is served
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": "loopback",
        "private_key": pem.decode(),
        "client_email": ROBOT,
        "client_id": "1",
        "token_uri": f"{base}{_TOKEN}",
    }
