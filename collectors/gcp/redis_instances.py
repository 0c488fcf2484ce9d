"""Memorystore for Redis instances, which are reached from networks of the company only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collectors.api import Collector, Document, Kind
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.data_access import DataEndpoint
from collectors.gcp.kinds import rest
from collectors.gcp.names import full_name, last, place_of
from collectors.gcp.session import Reader

INSTANCE = rest(
    "gcp.redis.instance",
    "redis",
    "projects.locations.instances.list",
    "/v1/projects/{project}/locations/-/instances?pageSize=1000",
    permission="redis.instances.list",
    items="instances",
    omits_empty=True,
    volatile=("availableMaintenanceVersions", "currentLocationId", "nodes"),
)
OLDEST_TLS = "1.2"
"""https://cloud.google.com/memorystore/docs/redis/about-in-transit-encryption, and the like page for clusters."""
MODES = {"SERVER_AUTHENTICATION": True, "DISABLED": False}
"""Whether connections without TLS are refused."""


def fetch(gcp: Reader) -> Iterator[Document]:
    """Every instance of the project."""
    for item in gcp.listing(INSTANCE):
        yield gcp.document(INSTANCE, full_name("redis", item["name"]), item)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per instance."""
    yield from endpoints(docs, INSTANCE, MODES)


def endpoints(docs: Documents, kind: Kind, modes: Mapping[str, bool]) -> Iterator[DataEndpoint]:
    """One fact per instance or cluster."""
    for cache in docs.of(kind):
        name = str(cache.body["name"])
        yield DataEndpoint(
            resource=docs.resource("cache", cache.uid, last(name), place_of(name)),
            documents=docs.about(cache.uid),
            service="Redis cache",
            requires_tls=docs.field(kind, cache, lambda body: modes[body["transitEncryptionMode"]]),
            minimum_tls=OLDEST_TLS,
            open_ranges=(),  # it has no address but in a network of the company
            admits_provider=False,
            private_endpoints=1,
        )


COLLECTOR = Collector(
    id="gcp.redis_instances",
    title="Memorystore for Redis instances",
    scope="global",
    kinds=(INSTANCE,),
    emits={DataEndpoint: INSTANCE},
    source="Memorystore for Redis API v1",
    fetch=fetch,
    shape=shape,
)
