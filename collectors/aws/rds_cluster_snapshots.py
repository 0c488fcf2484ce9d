"""Snapshots of RDS, Neptune and DocumentDB clusters, automatic ones too; not those that other accounts share.

Apart from the snapshots of instances, because each of the two listings bounds a population of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Collector, Document, Kind
from collectors.aws.rds_instances import encrypted, name_in
from collectors.aws.rds_snapshots import taken
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.stores import DatabaseSnapshot

SNAPSHOT = Kind(
    "aws.rds.cluster_snapshot",
    "rds",
    "DescribeDBClusterSnapshots",
    items="DBClusterSnapshots",
    volatile=("PercentProgress",),
)


def fetch(aws: Reader) -> Iterator[Document]:
    """Every snapshot of a cluster that this account owns."""
    for snapshot in aws.listing(SNAPSHOT):
        yield aws.document(SNAPSHOT, snapshot["DBClusterSnapshotArn"], snapshot)


def shape(docs: Documents) -> Iterator[Fact]:
    """One database snapshot each."""
    for snapshot in docs.of(SNAPSHOT):
        yield DatabaseSnapshot(
            resource=docs.resource("database_snapshot", snapshot.uid, name_in(snapshot.uid), snapshot.region),
            documents=docs.about(snapshot.uid),
            encrypted_at_rest=docs.field(SNAPSHOT, snapshot, encrypted),
            created=docs.field(SNAPSHOT, snapshot, taken),
        )


COLLECTOR = Collector(
    id="aws.rds_cluster_snapshots",
    title="Snapshots of RDS, Neptune and DocumentDB clusters",
    scope="region",
    kinds=(SNAPSHOT,),
    emits={DatabaseSnapshot: SNAPSHOT},
    source="Amazon RDS API 2014-10-31",
    fetch=fetch,
    shape=shape,
)
