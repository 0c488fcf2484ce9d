"""aws.elasticache_groups"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.elasticache_groups import COLLECTOR, GROUP, oldest_tls, requires_tls
from collectors.facts.core import Unread
from collectors.facts.data_access import DataEndpoint
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

REGION = "us-east-1"


def create(cache: Any, name: str, **settings: Any) -> None:
    """A replication group with one node of Redis 7.1."""
    chosen = {"ReplicationGroupId": name, "ReplicationGroupDescription": name, "Engine": "redis"}
    cache.create_replication_group(**{**chosen, "EngineVersion": "7.1", "NumCacheClusters": 1, **settings})
    node = {"CacheClusterId": f"{name}-001", "ReplicationGroupId": name, "Engine": "redis", "EngineVersion": "7.1"}
    cache.create_cache_cluster(**node, CacheNodeType="cache.t4g.micro", NumCacheNodes=1)


def test_groups_with_and_without_encryption_in_transit(read: Read, client: Client) -> None:
    """TLS is required or not; a cache has private addresses and no others."""
    cache = client("elasticache")
    create(cache, "safe", TransitEncryptionEnabled=True)
    create(cache, "bare", TransitEncryptionEnabled=False)

    reading = read(COLLECTOR)
    safe = reading.fact(DataEndpoint, "safe")

    assert (safe.service, safe.requires_tls, safe.minimum_tls) == ("Redis cache", True, "1.2")
    assert (safe.open_ranges, safe.admits_provider, safe.private_endpoints) == ((), False, 1)
    assert reading.fact(DataEndpoint, "bare").requires_tls is False


@pytest.mark.parametrize("fault", ["deny", "garble"])
def test_nodes_that_were_not_listed_leave_the_version_unread(
    read: Read, client: Client, faults: Faults, fault: str
) -> None:
    """Only the nodes tell it; what the group itself says stays."""
    create(client("elasticache"), "safe", TransitEncryptionEnabled=True)
    getattr(faults, fault).add("elasticache:DescribeCacheClusters")

    safe = read(COLLECTOR).fact(DataEndpoint, "safe")

    assert isinstance(safe.minimum_tls, Unread)
    assert safe.minimum_tls.operation == "elasticache:DescribeCacheClusters"
    assert safe.requires_tls is True


def test_a_group_without_nodes_has_no_version(read: Read, client: Client) -> None:
    """Nothing is known of what nobody listed."""
    client("elasticache").create_replication_group(ReplicationGroupId="lone", ReplicationGroupDescription="lone")

    assert isinstance(read(COLLECTOR).fact(DataEndpoint, "lone").minimum_tls, Unread)


def test_no_groups_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    documents = read(COLLECTOR).documents

    assert list(COLLECTOR.shape(documents)) == []
    assert documents.complete(GROUP, REGION) is None


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """No group is known, and that is said."""
    create(client("elasticache"), "safe")
    faults.deny.add("elasticache:DescribeReplicationGroups")

    unlisted = read(COLLECTOR).documents.complete(GROUP, REGION)

    assert unlisted is not None
    assert unlisted.permission == "elasticache:DescribeReplicationGroups"


def test_preferred_is_not_required() -> None:
    """In that mode plain connections are still taken."""
    assert requires_tls({"TransitEncryptionEnabled": True, "TransitEncryptionMode": "preferred"}) is False
    assert requires_tls({"TransitEncryptionEnabled": True, "TransitEncryptionMode": "required"}) is True


@pytest.mark.parametrize(
    ("engine", "version", "result"), [("redis", "5.0.6", "1.0"), ("redis", "6.2", "1.2"), ("valkey", "8.0", "1.2")]
)
def test_the_oldest_tls_by_version(engine: str, version: str, result: str) -> None:
    """ElastiCache decides it by the engine's version."""
    assert oldest_tls({"Engine": engine, "EngineVersion": version}) == result
