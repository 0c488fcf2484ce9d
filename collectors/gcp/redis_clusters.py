"""Memorystore for Redis clusters, which are reached from networks of the company only."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Collector, Document
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.data_access import DataEndpoint
from collectors.gcp.kinds import rest
from collectors.gcp.names import full_name
from collectors.gcp.redis_instances import endpoints
from collectors.gcp.session import Reader

CLUSTER = rest(
    "gcp.redis.cluster",
    "redis",
    "projects.locations.clusters.list",
    "/v1/projects/{project}/locations/-/clusters?pageSize=1000",
    permission="redis.clusters.list",
    items="clusters",
    omits_empty=True,
    volatile=("availableMaintenanceVersions", "preciseSizeGb"),
)
MODES = {"TRANSIT_ENCRYPTION_MODE_SERVER_AUTHENTICATION": True, "TRANSIT_ENCRYPTION_MODE_DISABLED": False}
"""Whether connections without TLS are refused."""


def fetch(gcp: Reader) -> Iterator[Document]:
    """Every cluster of the project."""
    for item in gcp.listing(CLUSTER):
        yield gcp.document(CLUSTER, full_name("redis", item["name"]), item)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per cluster."""
    yield from endpoints(docs, CLUSTER, MODES)


COLLECTOR = Collector(
    id="gcp.redis_clusters",
    title="Memorystore for Redis clusters",
    scope="global",
    kinds=(CLUSTER,),
    emits={DataEndpoint: CLUSTER},
    source="Memorystore for Redis API v1",
    fetch=fetch,
    shape=shape,
)
