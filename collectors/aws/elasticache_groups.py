"""ElastiCache groups of Redis and Valkey nodes, by how they are reached."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Reason, Unread
from collectors.facts.data_access import DataEndpoint

GROUP = Kind(
    "aws.elasticache.replication_group",
    "elasticache",
    "DescribeReplicationGroups",
    items="ReplicationGroups",
    volatile=("NodeGroups", "PendingModifiedValues", "Status"),
)
NODE = Kind(
    "aws.elasticache.node",
    "elasticache",
    "DescribeCacheClusters",
    items="CacheClusters",
    volatile=("CacheClusterStatus", "PendingModifiedValues"),
)
TLS_12_SINCE = 6
"""First version of Redis for which ElastiCache takes no TLS older than 1.2; Valkey came later: AWS, What's New, of
May 8, 2024."""


def fetch(aws: Reader) -> Iterator[Document]:
    """Every replication group of the region, and its nodes, which alone tell their version."""
    for group in aws.listing(GROUP):
        yield aws.document(GROUP, group["ARN"], group)
    for node in aws.listing(NODE):
        yield aws.document(NODE, node["ARN"], node)


def shape(docs: Documents) -> Iterator[Fact]:
    """One address each."""
    for group in docs.of(GROUP):
        nodes = [
            each for each in docs.of(NODE) if each.body.get("ReplicationGroupId") == group.body["ReplicationGroupId"]
        ]
        nodes = [each for each in nodes if each.region == group.region]
        yield DataEndpoint(
            resource=docs.resource("cache", group.uid, group.uid.rpartition(":")[2], group.region),
            documents=docs.about(group.uid, *nodes),
            service="Redis cache",
            requires_tls=docs.field(GROUP, group, requires_tls),
            minimum_tls=_oldest_tls(docs, group, nodes),
            # A cache has addresses in a network of the company and no others: ElastiCache User Guide, access patterns.
            open_ranges=(),
            admits_provider=False,
            private_endpoints=1,
        )


def _oldest_tls(docs: Documents, group: Document, nodes: list[Document]) -> str | Unread:
    """What the oldest node takes."""
    if unlisted := docs.complete(NODE, group.region):
        return unlisted
    found = [docs.field(NODE, node, oldest_tls) for node in nodes]
    if unread := next((each for each in found if isinstance(each, Unread)), None):
        return unread
    oldest = min((each for each in found if isinstance(each, str)), default=None)
    return oldest or Unread(Reason.PARTIAL_LISTING, NODE.call, NODE.needs, "no node of the group was listed")


def oldest_tls(body: Body) -> str:
    """The oldest version of TLS that a node takes.  Raises KeyError for an engine that has no such groups."""
    major = int(str(body["EngineVersion"]).partition(".")[0])
    return {"valkey": "1.2", "redis": "1.2" if major >= TLS_12_SINCE else "1.0"}[body["Engine"]]


def requires_tls(body: Body) -> bool:
    """Encryption in transit is on, and not only preferred.  Engines older than the mode have it required."""
    return bool(body["TransitEncryptionEnabled"]) and body.get("TransitEncryptionMode") != "preferred"


COLLECTOR = Collector(
    id="aws.elasticache_groups",
    title="ElastiCache replication groups",
    scope="region",
    kinds=(GROUP, NODE),
    emits={DataEndpoint: GROUP},
    source="Amazon ElastiCache API 2015-02-02",
    fetch=fetch,
    shape=shape,
)
