"""aws.kafka_clusters"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.kafka_clusters import CLUSTER, COLLECTOR, plain
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import DataConnections
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

REGION = "us-east-1"


def create(kafka: Any, name: str, transit: dict[str, Any]) -> None:
    """A cluster with servers."""
    kafka.create_cluster(
        ClusterName=name,
        KafkaVersion="3.6.0",
        NumberOfBrokerNodes=2,
        BrokerNodeGroupInfo={"InstanceType": "kafka.m5.large", "ClientSubnets": ["one", "two"]},
        EncryptionInfo={"EncryptionInTransit": transit},
    )


def test_clusters_by_what_they_take(read: Read, client: Client) -> None:
    """From clients, between brokers, and without servers."""
    kafka = client("kafka")
    create(kafka, "tls", {"ClientBroker": "TLS", "InCluster": True})
    create(kafka, "both", {"ClientBroker": "TLS_PLAINTEXT", "InCluster": True})
    create(kafka, "none", {"ClientBroker": "PLAINTEXT", "InCluster": False})
    kafka.create_cluster_v2(ClusterName="serverless", Serverless={"VpcConfigs": [{"SubnetIds": ["one"]}]})

    assert {fact.resource.name: fact.plain for fact in read(COLLECTOR).facts(DataConnections)} == {
        "tls": (),
        "both": ("with clients",),
        "none": ("with clients", "between brokers"),
        "serverless": (),
    }


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"ClusterType": "PROVISIONED"},
        {"ClusterType": "PROVISIONED", "Provisioned": {}},
        {
            "ClusterType": "PROVISIONED",
            "Provisioned": {"EncryptionInfo": {"EncryptionInTransit": {"ClientBroker": "?", "InCluster": True}}},
        },
    ],
)
def test_what_is_left_out_is_not_encrypted_by_guess(body: dict[str, Any]) -> None:
    """An answer without its parts is malformed."""
    with pytest.raises(KeyError):
        plain(body)


def test_a_malformed_cluster_is_unread(read: Read, client: Client) -> None:
    """The cluster is there, and what it takes is not known."""
    client("kafka").create_cluster(
        ClusterName="odd",
        KafkaVersion="3.6.0",
        NumberOfBrokerNodes=2,
        BrokerNodeGroupInfo={"InstanceType": "kafka.m5.large", "ClientSubnets": ["one", "two"]},
    )

    found = read(COLLECTOR).fact(DataConnections, "odd").plain

    assert isinstance(found, Unread)
    assert (found.operation, found.permission) == ("kafka:ListClustersV2", "kafka:ListClustersV2")


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
    create(client("kafka"), "there", {"ClientBroker": "TLS", "InCluster": True})
    getattr(faults, fault).add("kafka:GET /api/v2/clusters")

    reading = read(COLLECTOR)
    unlisted = reading.documents.complete(CLUSTER, REGION)

    assert reading.facts(DataConnections) == []
    assert unlisted is not None
    assert (unlisted.reason, unlisted.operation, unlisted.permission) == (
        reason,
        "kafka:ListClustersV2",
        "kafka:ListClustersV2",
    )
