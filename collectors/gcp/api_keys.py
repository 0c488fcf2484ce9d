"""API keys: what they open, from where they work, and how old they are.  The texts of the keys are not read."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Reason, Unread
from collectors.facts.identity import AccessKey, ApiKey
from collectors.gcp.kinds import rest
from collectors.gcp.names import full_name
from collectors.gcp.session import Reader

KEY = rest(
    "gcp.apikeys.key",
    "apikeys",
    "projects.locations.keys.list",
    "/v2/projects/{project}/locations/global/keys?pageSize=300",
    permission="apikeys.keys.list",
    items="keys",
    omits_empty=True,
    volatile=("etag", "updateTime"),
)
CALLERS = (
    "browserKeyRestrictions",
    "serverKeyRestrictions",
    "androidKeyRestrictions",
    "iosKeyRestrictions",
)
"""Restrictions to sites, addresses or apps."""


def fetch(gcp: Reader) -> Iterator[Document]:
    """Every API key of the project."""
    for key in gcp.listing(KEY):
        yield gcp.document(KEY, full_name("apikeys", key["name"]), key)


def shape(docs: Documents) -> Iterator[Fact]:
    """Two facts per key: its age, and what it opens."""
    for key in docs.of(KEY):
        resource = docs.resource("api_key", key.uid, str(key.body.get("displayName") or key.body["name"]), "global")
        about = docs.about(key.uid)
        yield AccessKey(
            resource=resource,
            documents=about,
            owner=docs.account,
            # A key that was deleted can be brought back for 30 days and opens nothing meanwhile.
            active=docs.field(KEY, key, lambda body: "deleteTime" not in body),
            created=docs.field(KEY, key, lambda body: when(body["createTime"])),
            last_used=Unread(
                Reason.SERVICE_UNSUPPORTED, KEY.call, KEY.needs, "Google tells no last use of a key in its settings"
            ),
            expires=None,
        )
        yield ApiKey(
            resource=resource,
            documents=about,
            services=docs.field(KEY, key, services),
            callers_limited=docs.field(KEY, key, limited),
        )


def services(key: Body) -> tuple[str, ...]:
    """Services that a key is restricted to; none for a key without restrictions: Key.restrictions."""
    targets = key.get("restrictions", {}).get("apiTargets", ())
    return tuple(sorted(str(each["service"]) for each in targets))


def limited(key: Body) -> bool:
    """The key works only for callers that are named."""
    return any(key.get("restrictions", {}).get(each) for each in CALLERS)


COLLECTOR = Collector(
    id="gcp.api_keys",
    title="API keys",
    scope="global",
    kinds=(KEY,),
    emits={AccessKey: KEY, ApiKey: KEY},
    source="API Keys API v2",
    fetch=fetch,
    shape=shape,
)
