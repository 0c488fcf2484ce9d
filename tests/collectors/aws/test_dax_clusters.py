"""aws.dax_clusters"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.dax_clusters import CLUSTER, COLLECTOR, plain
from collectors.facts.core import Reason
from collectors.facts.data_access import DataConnections
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

REGION = "us-east-1"


def create(dax: Any, name: str, **settings: str) -> None:
    """A cluster of one node."""
    role = "arn:aws:iam::123456789012:role/reader"
    dax.create_cluster(ClusterName=name, NodeType="dax.t3.small", ReplicationFactor=1, IamRoleArn=role, **settings)


def test_clusters_by_their_encryption(read: Read, client: Client) -> None:
    """With TLS, without it, and with the default, which is without."""
    dax = client("dax")
    create(dax, "with-tls", ClusterEndpointEncryptionType="TLS")
    create(dax, "without", ClusterEndpointEncryptionType="NONE")
    create(dax, "unsaid")

    reading = read(COLLECTOR)

    assert {fact.resource.name: fact.plain for fact in reading.facts(DataConnections)} == {
        "with-tls": (),
        "without": ("with clients",),
        "unsaid": ("with clients",),
    }
    found = reading.fact(DataConnections, "with-tls")
    assert (found.what, found.resource.uid) == ("DAX cluster", "arn:aws:dax:us-east-1:123456789012:cache/with-tls")


def test_a_word_that_nobody_knows_is_malformed() -> None:
    """It is neither TLS nor none."""
    with pytest.raises(KeyError):
        plain({"ClusterEndpointEncryptionType": "SOME"})
    assert plain({}) == ("with clients",)


def test_none_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert list(COLLECTOR.shape(reading.documents)) == []
    assert reading.documents.complete(CLUSTER, REGION) is None


@pytest.mark.parametrize(("fault", "reason"), [("deny", Reason.PERMISSION_DENIED), ("garble", Reason.PARTIAL_LISTING)])
def test_a_failed_listing_leaves_the_population_unknown(
    read: Read, client: Client, faults: Faults, fault: str, reason: Reason
) -> None:
    """Nothing is known to be there, and that is said."""
    create(client("dax"), "there")
    getattr(faults, fault).add("dax:DescribeClusters")

    reading = read(COLLECTOR)
    unlisted = reading.documents.complete(CLUSTER, REGION)

    assert reading.facts(DataConnections) == []
    assert unlisted is not None
    assert (unlisted.reason, unlisted.operation, unlisted.permission) == (
        reason,
        "dax:DescribeClusters",
        "dax:DescribeClusters",
    )
