"""Secrets of Secret Manager: how old their values are and when they end; never the values themselves.

Secrets that are bound to one region lie behind addresses of their own and are not read here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from collectors.api import Body, Collector, Document, Then
from collectors.documents import Documents, when
from collectors.facts.core import Fact
from collectors.facts.stores import Secret
from collectors.gcp.kinds import rest
from collectors.gcp.names import days, full_name, last
from collectors.gcp.session import Reader

SECRET = rest(
    "gcp.secretmanager.secret",
    "secretmanager",
    "projects.secrets.list",
    "/v1/projects/{project}/secrets?pageSize=1000",
    permission="secretmanager.secrets.list",
    items="secrets",
    omits_empty=True,
    volatile=("etag", "rotation.nextRotationTime"),
)
NEWEST = rest(
    "gcp.secretmanager.newest_version",
    "secretmanager",
    "projects.secrets.versions.get",
    "/v1/{secret:path}/versions/latest",
    permission="secretmanager.versions.get",
    absent=("NOT_FOUND", "notFound"),  # nobody put a value in yet
    volatile=("etag",),
)


def fetch(gcp: Reader) -> Iterator[Document | Then]:
    """Every secret, and what is told of its newest value."""
    for secret in gcp.listing(SECRET):
        uid = full_name("secretmanager", secret["name"])
        yield gcp.document(SECRET, uid, secret)
        yield Then(newest, (uid, secret["name"]), f"{uid}/{NEWEST.operation}")


def newest(gcp: Reader, uid: str, name: str) -> Iterator[Document]:
    """When the newest value was put in."""
    yield from gcp.read(NEWEST, uid, secret=name)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per secret."""
    for secret in docs.of(SECRET):
        uid = secret.uid
        yield Secret(
            resource=docs.resource("secret", uid, last(uid), "global"),
            documents=docs.about(uid),
            # Google only sends a message when the time has come; what then makes a new value is the company's own.
            rotates=docs.field(SECRET, secret, lambda body: "rotationPeriod" in body.get("rotation", {})),
            rotation_days=docs.field(
                SECRET, secret, lambda body: days(body.get("rotation", {}).get("rotationPeriod", "0s")) or None
            ),
            changed=docs.value(NEWEST, uid, made),
            created=docs.field(SECRET, secret, lambda body: when(body["createTime"])),
            enabled=docs.value(NEWEST, uid, lambda body: body.get("state") == "ENABLED"),
            can_expire=True,
            expires=docs.field(SECRET, secret, ends),
        )


def made(version: Body) -> datetime | None:
    """When a value was put in; None where there is none."""
    return None if "absent" in version else when(version["createTime"])


def ends(secret: Body) -> datetime | None:
    """When Google deletes a secret with all its values; None when it does not."""
    return when(secret["expireTime"]) if "expireTime" in secret else None


COLLECTOR = Collector(
    id="gcp.secrets",
    title="Secrets of Secret Manager",
    scope="global",
    kinds=(SECRET, NEWEST),
    emits={Secret: SECRET},
    source="Secret Manager API v1",
    fetch=fetch,
    shape=shape,
)
