"""Clusters of Managed Streaming for Apache Kafka, by how they are connected to and within."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.data_access import DataConnections

CLUSTER = Kind(
    "aws.kafka.cluster",
    "kafka",
    "ListClustersV2",
    items="ClusterInfoList",
    volatile=("ActiveOperationArn", "State", "StateInfo"),
)
ENCRYPTED_ONLY = {"TLS": True, "TLS_PLAINTEXT": False, "PLAINTEXT": False}
"""What brokers take from clients, and whether all of it is encrypted."""


def fetch(aws: Reader) -> Iterator[Document]:
    """Every cluster of the region, those without servers too."""
    for cluster in aws.listing(CLUSTER):
        yield aws.document(CLUSTER, cluster["ClusterArn"], cluster)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per cluster."""
    for cluster in docs.of(CLUSTER):
        name = str(cluster.body.get("ClusterName", cluster.uid.split("/")[1]))
        yield DataConnections(
            resource=docs.resource("message_broker", cluster.uid, name, cluster.region),
            documents=docs.about(cluster.uid),
            what="MSK cluster",
            plain=docs.field(CLUSTER, cluster, plain),
        )


def plain(body: Body) -> tuple[str, ...]:
    """What may go unencrypted; on a cluster without servers nothing may: MSK Developer Guide, MSK Serverless."""
    if body["ClusterType"] == "SERVERLESS":
        return ()
    transit = body["Provisioned"]["EncryptionInfo"]["EncryptionInTransit"]
    found = [] if ENCRYPTED_ONLY[transit["ClientBroker"]] else ["with clients"]
    return tuple(found if transit["InCluster"] else [*found, "between brokers"])


COLLECTOR = Collector(
    id="aws.kafka_clusters",
    title="MSK clusters",
    scope="region",
    kinds=(CLUSTER,),
    emits={DataConnections: CLUSTER},
    source="Amazon MSK API 2018-11-14",
    fetch=fetch,
    shape=shape,
)
