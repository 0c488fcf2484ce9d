"""Clusters of DynamoDB Accelerator, by how they are connected to."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.data_access import DataConnections

CLUSTER = Kind(
    "aws.dax.cluster",
    "dax",
    "DescribeClusters",
    items="Clusters",
    volatile=("ActiveNodes", "NodeIdsToRemove", "Nodes", "Status"),
)


def fetch(aws: Reader) -> Iterator[Document]:
    """Every cluster of the region."""
    for cluster in aws.listing(CLUSTER):
        yield aws.document(CLUSTER, cluster["ClusterArn"], cluster)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per cluster."""
    for cluster in docs.of(CLUSTER):
        yield DataConnections(
            resource=docs.resource("cache", cluster.uid, cluster.uid.rpartition("/")[2], cluster.region),
            documents=docs.about(cluster.uid),
            what="DAX cluster",
            plain=docs.field(CLUSTER, cluster, plain),
        )


def plain(body: Body) -> tuple[str, ...]:
    """A cluster takes either TLS or none.  AWS left the field out before there was a choice, when it took none."""
    return () if {"TLS": True, "NONE": False}[body.get("ClusterEndpointEncryptionType", "NONE")] else ("with clients",)


COLLECTOR = Collector(
    id="aws.dax_clusters",
    title="DynamoDB Accelerator clusters",
    scope="region",
    kinds=(CLUSTER,),
    emits={DataConnections: CLUSTER},
    source="Amazon DynamoDB Accelerator API 2017-04-19",
    fetch=fetch,
    shape=shape,
)
