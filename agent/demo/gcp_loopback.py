"""Google Cloud on loopback: its services and a token endpoint over real HTTP, with a provider's faults.

All services share one address; the first segment of a path is the service's host, as `storage.googleapis.com`.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from agent.demo.loopback_http import PAGE, PROSE, Handler, Served, serve

PROJECT, NUMBER, ORGANIZATION = "acme-prod", "415104041262", "567890123456"
ROBOT = f"proofkeep@{PROJECT}.iam.gserviceaccount.com"
_SERVICE = re.compile(r"/([a-z0-9]+)\.googleapis\.com(/.*)")
_POSTS = re.compile(r":(getIamPolicy|getEffectiveOrgPolicy|listOrgPolicies)$")
_TOKEN = "/token"


_PLACE = re.compile(r"/projects/[^/]+/(global|(?:zones|regions)/[^/]+)/")
_TELLING = ("assetTypes", "parent", "project")
"""What a query may hold that makes one listing several."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A listing that is paged: the key that holds the items, and the items."""

    key: str
    items: list[Any]
    by_place: bool = False
    """As Compute Engine lists what lies in several places: sorted by the place in the link of each item."""

    def page(self, skip: int) -> dict[str, Any]:
        """The items from one on, as many as a page takes, and where the next page begins.  Empty lists are left out."""
        page: dict[str, Any] = {}
        for item in self.items[skip : skip + PAGE]:
            if self.by_place:
                (place,) = _PLACE.findall(item["selfLink"])
                page.setdefault("items", {}).setdefault(place, {}).setdefault(self.key, []).append(item)
            else:
                page.setdefault(self.key, []).append(item)
        if skip + PAGE < len(self.items):
            page["nextPageToken"] = str(skip + PAGE)
        return page


@dataclass(slots=True)
class GcpEstate(Served):
    """What the loopback Google holds.  May be changed while it is served."""

    answers: dict[str, Any] = field(default_factory=dict)
    """By service and path, `storage/storage/v1/b`: a body, or a `Listed`.  What is not there is not found.  With
    `?project=acme-prod` after it the answer is for that query only."""
    disabled: set[str] = field(default_factory=set)
    """Services that the project never enabled."""

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
    with tempfile.TemporaryDirectory() as folder, serve(_Handler, estate) as port:
        base = f"http://127.0.0.1:{port}"
        file = Path(folder) / "credentials.json"
        file.write_text(json.dumps(_credentials(base)), encoding="utf-8")
        yield f"{base}/{{service}}.googleapis.com", file


class _Handler(Handler):
    """One connection to Google."""

    estate: GcpEstate
    id_header = "x-goog-request-id"

    def reply(self, sent: bytes | None) -> None:
        """A token, or any read."""
        parts = urlsplit(self.path)
        found = _SERVICE.fullmatch(unquote(parts.path))
        if self.path == _TOKEN:
            self.send(200, {"access_token": "loopback", "token_type": "Bearer", "expires_in": 3600})
        elif found is None:
            self.error(404)
        elif sent is not None and not _POSTS.search(found[2]):
            self.refuse_write()
        elif self.stopped(f"{found[1]}{found[2]}"):
            pass
        elif found[1] in self.estate.disabled:
            self.error(403, "SERVICE_DISABLED")
        else:
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self._answer(f"{found[1]}{found[2]}", query)

    def error(self, status: int, code: str = "", retry_after: int | None = None) -> None:
        """As Google's services put it: a status, an older reason, and newer details where there are any."""
        reason, word = _WORDS.get(status, ("error", "UNKNOWN"))
        error: dict[str, Any] = {
            "code": status,
            "status": word,
            "message": PROSE,
            "errors": [{"reason": code or reason, "domain": "global", "message": PROSE}],
        }
        if code == "SERVICE_DISABLED":
            error["errors"][0]["reason"] = "accessNotConfigured"
            error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": code}]
        self.send(status, {"error": error}, retry_after)

    def _answer(self, path: str, query: dict[str, str]) -> None:
        asked = [f"{path}?{name}={query[name]}" for name in _TELLING if name in query]
        answers = self.estate.answers
        found = next((answers[each] for each in (*asked, path) if each in answers), None)
        if found is None:
            self.error(404)
        elif isinstance(found, Listed):
            self.send(200, found.page(int(query.get("pageToken") or 0)))
        else:
            self.send(200, found)


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
