"""Azure on loopback: Resource Manager, Microsoft Graph and a token endpoint over real HTTPS, with a provider's faults.

It serves what an estate holds, pages it, asks for a token and an api-version, and takes no write.
"""

from __future__ import annotations

import base64
import json
import re
import ssl
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
from urllib.parse import parse_qs, urlencode, urlsplit

from agent.demo.certificates import certificates

TENANT = "11111111-2222-3333-4444-555555555555"
SUBSCRIPTION = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
CLIENT = "99999999-8888-7777-6666-555555555555"
PAGE = 2
"""Items of a page: few, so that paging is always exercised."""
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")
_INVENTORY = "/providers/microsoft.resourcegraph/resources"
_POSTS = re.compile(r"/providers/microsoft\.resourcegraph/resources$|/summarize$|/list$")


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


@dataclass(slots=True)
class AzureEstate:
    """What the loopback Azure holds.  May be changed while it is served."""

    tenant: str = TENANT
    subscriptions: list[str] = field(default_factory=lambda: [SUBSCRIPTION])
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By id in lower case: every resource, with all below it."""
    answers: dict[str, Any] = field(default_factory=dict)
    """By path in lower case, without query: a body, or a list that is paged.  Comes before `things`."""
    faults: list[Fault] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    """By method and path, without ids of subscriptions."""
    writes: list[str] = field(default_factory=list)
    """What was asked for and is no read."""
    paused: dict[str, float] = field(default_factory=dict)
    """Until when a question must not be asked again, by `time.monotonic`."""
    early: list[str] = field(default_factory=list)
    """What was asked for again before its Retry-After was over."""

    def put(self, id_: str, **body: Any) -> str:
        """Add a resource: `/subscriptions/…` or, short, `group/Microsoft.X/type/name`; return its id."""
        if not id_.startswith("/"):
            group, _, rest = id_.partition("/")
            id_ = f"/subscriptions/{self.subscriptions[0]}/resourceGroups/{group}/providers/{rest}"
        kind = "/".join(_steps(id_)[0::2])
        namespace = id_.rpartition("/providers/")[2].partition("/")[0]
        self.things[id_.lower()] = {
            "id": id_,
            "name": id_.rpartition("/")[2],
            "type": f"{namespace}/{kind}",
            **({"location": "westeurope"} if id_.lower().count("/providers/") == 1 else {}),
            **body,
        }
        return id_


def _steps(id_: str) -> list[str]:
    """The parts of an id behind its last namespace: type, name, type, name."""
    return id_.rpartition("/providers/")[2].split("/")[1:]


@contextmanager
def loopback_azure(estate: AzureEstate) -> Iterator[tuple[str, Path]]:
    """Serve an estate while the block runs; its address, and the file of the authority that it is trusted by."""
    with tempfile.TemporaryDirectory() as folder:
        authority, chain = certificates(Path(folder))
        server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (_Handler,), {"estate": estate, "lock": threading.Lock()})
        )
        server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, name="loopback-azure", daemon=True)
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_address[1]}", authority
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def environment(authority: Path, tenant: str = TENANT) -> dict[str, str]:
    """The environment in which the SDK's default credentials and its HTTP library reach the loopback server."""
    return {
        "AZURE_TENANT_ID": tenant,
        "AZURE_CLIENT_ID": CLIENT,
        "AZURE_CLIENT_SECRET": "loopback",
        "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential",
        "REQUESTS_CA_BUNDLE": str(authority),
    }


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    estate: AzureEstate
    lock: threading.Lock

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Any read."""
        self._serve(None)

    def do_POST(self) -> None:
        """A token, or a question that is asked by POST."""
        self._serve(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _refuse_write(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        self.estate.writes.append(f"{self.command} {self.path}")
        self._error(403, "AuthorizationFailed")

    do_PUT = do_PATCH = do_DELETE = _refuse_write  # noqa: N815  # names that the library calls

    def _serve(self, sent: bytes | None) -> None:
        parts = urlsplit(self.path)
        path = parts.path.rstrip("/").lower()
        if path.endswith("/oauth2/v2.0/token"):
            self._json(200, {"token_type": "Bearer", "expires_in": 3600, "access_token": _token(self.estate.tenant)})
            return
        if path.endswith("/.well-known/openid-configuration"):
            base = f"https://{self.headers['Host']}/{self.estate.tenant}"
            said = {name: f"{base}/oauth2/v2.0/{place}" for name, place in _ENDPOINTS.items()}
            self._json(200, {**said, "issuer": f"{base}/v2.0"})
            return
        if sent is not None and not _POSTS.search(path):
            self.estate.writes.append(f"POST {self.path}")
            self._error(403, "AuthorizationFailed")
            return
        asked = f"{self.command} {self.path}"
        with self.lock:
            self.estate.calls[f"{self.command} {path}"] += 1
            if time.monotonic() < self.estate.paused.get(asked, 0):
                self.estate.early.append(asked)
            fault = next((each for each in self.estate.faults if strikes(each, asked)), None)
            if fault is not None and fault.retry_after is not None:
                self.estate.paused[asked] = time.monotonic() + fault.retry_after - 0.05
        if fault is not None:
            self._break(fault)
        elif not (self.headers.get("Authorization") or "").startswith("Bearer "):
            self._error(401, "InvalidAuthenticationToken")
        elif path == _INVENTORY and path not in self.estate.answers:
            self._json(200, _count(self.estate, str(json.loads(sent or b"{}").get("query"))))
        else:
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self._answer(path, query)

    def _answer(self, path: str, query: dict[str, str]) -> None:
        graph = path.startswith("/v1.0")
        if not graph and not _VERSION.fullmatch(query.get("api-version", "")):
            self._error(400, "MissingApiVersionParameter")
            return
        found = _look_up(self.estate, path)
        if found is None:
            self._error(404, "Request_ResourceNotFound" if graph else "ResourceNotFound")
        elif isinstance(found, list):
            skip = int(query.get("$skiptoken", "0"))
            page: dict[str, Any] = {"value": _selected(found[skip : skip + PAGE], query.get("$select", ""))}
            if graph and not skip and "$count" in query and self.headers.get("ConsistencyLevel") == "eventual":
                page["@odata.count"] = len(found)
            if skip + PAGE < len(found):
                more = urlencode({**query, "$skiptoken": skip + PAGE})
                host = self.headers["Host"]
                name = "@odata.nextLink" if graph else "nextLink"
                page[name] = f"https://{host}{urlsplit(self.path).path}?{more}"
            self._json(200, page)
        else:
            self._json(200, found)

    def _break(self, fault: Fault) -> None:
        if fault.kind == "reset":
            self.close_connection = True
            self.connection.close()
        elif fault.kind in ("malformed", "truncate"):
            body = b'{"value": [{"half an answer": '
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body) + (100 if fault.kind == "truncate" else 0)))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True
        else:
            self._error(fault.status, fault.code or _CODES.get(fault.status, "Error"), fault.retry_after)

    def _error(self, status: int, code: str, retry_after: int | None = None) -> None:
        message = "made up by the loopback server for somebody@example.com"
        self._json(status, {"error": {"code": code, "message": message}}, retry_after)

    def _json(self, status: int, body: Any, retry_after: int | None = None) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("x-ms-request-id", str(uuid.uuid4()))
        if retry_after is not None:
            self.send_header("Retry-After", str(retry_after))
        self.end_headers()
        self.wfile.write(content)


_ENDPOINTS = {
    "token_endpoint": "token",
    "authorization_endpoint": "authorize",
    "device_authorization_endpoint": "devicecode",
}
_CODES = {
    401: "InvalidAuthenticationToken",
    403: "AuthorizationFailed",
    404: "ResourceNotFound",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "ServiceUnavailable",
}


def strikes(fault: Fault, asked: str) -> bool:
    """Whether a fault concerns this request, counting those that it might concern."""
    if not re.search(fault.match, asked, re.IGNORECASE):
        return False
    fault.seen += 1
    return fault.seen > fault.after and (fault.times is None or fault.seen <= fault.after + fault.times)


def _look_up(estate: AzureEstate, path: str) -> Any:
    """A body, a list, or None for what is not there."""
    if path in estate.answers:
        return estate.answers[path]
    if path.startswith("/v1.0"):
        return None
    if path == "/subscriptions":
        return [_subscription(estate, each) for each in estate.subscriptions]
    if match := re.fullmatch(r"/subscriptions/([^/]+)", path):
        known = match[1] in (each.lower() for each in estate.subscriptions)
        return _subscription(estate, match[1]) if known else None
    if path in estate.things:
        return estate.things[path]
    if match := re.fullmatch(r"/subscriptions/([^/]+)/resourcegroups", path):
        return _groups(estate, match[1])
    above, _, rest = path.rpartition("/providers/")
    namespace, *steps = rest.split("/")
    if not above or len(steps) % 2 == 0:
        return None
    return [body for id_, body in sorted(estate.things.items()) if _listed(id_, above, namespace, steps)]


def _listed(id_: str, above: str, namespace: str, steps: list[str]) -> bool:
    """Whether a resource is in the listing of a type in a subscription, a group, or below another resource."""
    scope, _, rest = id_.rpartition("/providers/")
    found, *own = rest.split("/")
    if found != namespace or len(own) != len(steps) + 1 or own[: len(steps)] != steps:
        return False
    whole = re.fullmatch(r"/subscriptions/[^/]+", above)
    inside = bool(whole and "/providers/" not in scope and (scope == above or scope.startswith(f"{above}/")))
    return scope == above or inside


def _selected(items: list[dict[str, Any]], names: str) -> list[dict[str, Any]]:
    """What Graph gives of things when only some of their fields are asked for; all of them without names."""
    if not names:
        return items
    wanted = names.split(",")
    return [{name: value for name, value in item.items() if name in wanted or name[0] == "@"} for item in items]


def _count(estate: AzureEstate, query: str) -> dict[str, Any]:
    """Resource Graph's answer to a question that ends in `count`: resources of one type, or changes of them."""
    asked = re.search(r"type =~ '([^']+)'", query)
    types = [body["type"].lower() for id_, body in estate.things.items() if len(_steps(id_)) == 2]  # noqa: PLR2004
    rows = [{"Count": types.count(asked[1].lower()) if asked else len(types)}]
    return {"totalRecords": 1, "count": 1, "data": rows, "facets": [], "resultTruncated": "false"}


def _subscription(estate: AzureEstate, id_: str) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{id_}",
        "subscriptionId": id_,
        "displayName": f"subscription {id_[:4]}",
        "state": "Enabled",
        "tenantId": estate.tenant,
    }


def _groups(estate: AzureEstate, subscription: str) -> list[dict[str, Any]]:
    names = {
        match[1]: id_
        for id_ in estate.things
        if (match := re.match(rf"/subscriptions/{re.escape(subscription)}/resourcegroups/([^/]+)", id_))
    }
    return [
        {
            "id": f"/subscriptions/{subscription}/resourceGroups/{name}",
            "name": name,
            "type": "Microsoft.Resources/resourceGroups",
            "location": "westeurope",
            "properties": {"provisioningState": "Succeeded"},
        }
        for name in sorted(names)
    ]


def _token(tenant: str) -> str:
    """A token that says whom it is for; nobody checks its signature here."""
    parts = ({"alg": "none"}, {"tid": tenant, "appid": CLIENT, "exp": int(time.time()) + 3600})
    return ".".join(
        [*(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), "x"]
    )
