"""Azure on loopback: Resource Manager, Microsoft Graph and a token endpoint over real HTTPS, with a provider's faults.

It serves what an estate holds, pages it, asks for a token and an api-version, and takes no write.
"""

from __future__ import annotations

import base64
import json
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from agent.demo.certificates import certificates
from agent.demo.loopback_http import PAGE, PROSE, Handler, Served, serve

TENANT = "11111111-2222-3333-4444-555555555555"
SUBSCRIPTION = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
CLIENT = "99999999-8888-7777-6666-555555555555"
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")
_INVENTORY = "/providers/microsoft.resourcegraph/resources"
_POSTS = re.compile(r"/providers/microsoft\.resourcegraph/resources$|/summarize$|/list$")


@dataclass(slots=True)
class AzureEstate(Served):
    """What the loopback Azure holds.  May be changed while it is served."""

    tenant: str = TENANT
    subscriptions: list[str] = field(default_factory=lambda: [SUBSCRIPTION])
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By id in lower case: every resource, with all below it."""
    answers: dict[str, Any] = field(default_factory=dict)
    """By path in lower case, without query: a body, or a list that is paged.  Comes before `things`."""

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
        with serve(_Handler, estate, chain) as port:
            yield f"https://127.0.0.1:{port}", authority


def environment(authority: Path, tenant: str = TENANT) -> dict[str, str]:
    """The environment in which the SDK's default credentials and its HTTP library reach the loopback server."""
    return {
        "AZURE_TENANT_ID": tenant,
        "AZURE_CLIENT_ID": CLIENT,
        "AZURE_CLIENT_SECRET": "loopback",
        "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential",
        "REQUESTS_CA_BUNDLE": str(authority),
    }


class _Handler(Handler):
    """One connection to Azure."""

    estate: AzureEstate
    id_header = "x-ms-request-id"

    def reply(self, sent: bytes | None) -> None:
        """A token, a question to Resource Graph, or any read."""
        parts = urlsplit(self.path)
        path = parts.path.rstrip("/").lower()
        if path.endswith("/oauth2/v2.0/token"):
            self.send(200, {"token_type": "Bearer", "expires_in": 3600, "access_token": _token(self.estate.tenant)})
        elif path.endswith("/.well-known/openid-configuration"):
            base = f"https://{self.headers['Host']}/{self.estate.tenant}"
            said = {name: f"{base}/oauth2/v2.0/{place}" for name, place in _ENDPOINTS.items()}
            self.send(200, {**said, "issuer": f"{base}/v2.0"})
        elif sent is not None and not _POSTS.search(path):
            self.refuse_write()
        elif self.stopped(path):
            pass
        elif path == _INVENTORY and path not in self.estate.answers:
            self.send(200, _count(self.estate, str(json.loads(sent or b"{}").get("query"))))
        else:
            self._answer(path, {name: values[0] for name, values in parse_qs(parts.query).items()})

    def error(self, status: int, code: str = "", retry_after: int | None = None) -> None:
        """As Resource Manager and Graph put it."""
        said = code or _CODES.get(status, "Error")
        self.send(status, {"error": {"code": said, "message": PROSE}}, retry_after)

    def _answer(self, path: str, query: dict[str, str]) -> None:
        graph = path.startswith("/v1.0")
        if not graph and not _VERSION.fullmatch(query.get("api-version", "")):
            self.error(400, "MissingApiVersionParameter")
            return
        found = _look_up(self.estate, path)
        if found is None:
            self.error(404, "Request_ResourceNotFound" if graph else "ResourceNotFound")
        elif isinstance(found, list):
            skip = int(query.get("$skiptoken", "0"))
            page: dict[str, Any] = {"value": _selected(found[skip : skip + PAGE], query.get("$select", ""))}
            if graph and not skip and "$count" in query and self.headers.get("ConsistencyLevel") == "eventual":
                page["@odata.count"] = len(found)
            if skip + PAGE < len(found):
                more = urlencode({**query, "$skiptoken": skip + PAGE})
                name = "@odata.nextLink" if graph else "nextLink"
                page[name] = f"https://{self.headers['Host']}{urlsplit(self.path).path}?{more}"
            self.send(200, page)
        else:
            self.send(200, found)


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
