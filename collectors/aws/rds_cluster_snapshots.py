"""Snapshots of RDS, Neptune and DocumentDB clusters, automatic ones too, and whom they are shared with.

Apart from the snapshots of instances, because each of the two listings bounds a population of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Collector, Document, Kind, Then
from collectors.aws.rds_instances import encrypted, name_in
from collectors.aws.rds_snapshots import AUTOMATIC, restored_by_all, taken
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.data_access import Sharing
from collectors.facts.stores import DatabaseSnapshot

SNAPSHOT = Kind(
    "aws.rds.cluster_snapshot",
    "rds",
    "DescribeDBClusterSnapshots",
    items="DBClusterSnapshots",
    volatile=("PercentProgress",),
)
ATTRIBUTES = Kind("aws.rds.cluster_snapshot_attributes", "rds", "DescribeDBClusterSnapshotAttributes")


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every snapshot of a cluster that this account owns."""
    for snapshot in aws.listing(SNAPSHOT):
        uid = snapshot["DBClusterSnapshotArn"]
        yield aws.document(SNAPSHOT, uid, snapshot)
        if snapshot.get("SnapshotType") != AUTOMATIC:
            yield Then(attributes, (uid, snapshot["DBClusterSnapshotIdentifier"]), f"{uid}/{ATTRIBUTES.operation}")


def attributes(aws: Reader, uid: str, name: str) -> Iterator[Document]:
    """Whom one snapshot is shared with."""
    yield from aws.read(ATTRIBUTES, uid, DBClusterSnapshotIdentifier=name)


def shape(docs: Documents) -> Iterator[Fact]:
    """One database snapshot each, and whom it is shared with."""
    for snapshot in docs.of(SNAPSHOT):
        yield DatabaseSnapshot(
            resource=docs.resource("database_snapshot", snapshot.uid, name_in(snapshot.uid), snapshot.region),
            documents=docs.about(snapshot.uid),
            encrypted_at_rest=docs.field(SNAPSHOT, snapshot, encrypted),
            created=docs.field(SNAPSHOT, snapshot, taken),
        )
        yield Sharing(
            resource=docs.resource("database_snapshot", snapshot.uid, name_in(snapshot.uid), snapshot.region),
            documents=docs.about(snapshot.uid),
            what="database snapshot",
            everybody=shared(docs, snapshot),
        )


def shared(docs: Documents, snapshot: Document) -> bool | Unread:
    """Anybody may make a cluster of it."""
    if snapshot.body.get("SnapshotType") == AUTOMATIC:
        return False
    return docs.value(
        ATTRIBUTES,
        snapshot.uid,
        lambda body: restored_by_all(body["DBClusterSnapshotAttributesResult"]["DBClusterSnapshotAttributes"]),
    )


COLLECTOR = Collector(
    id="aws.rds_cluster_snapshots",
    title="Snapshots of RDS, Neptune and DocumentDB clusters",
    scope="region",
    kinds=(SNAPSHOT, ATTRIBUTES),
    emits={DatabaseSnapshot: SNAPSHOT, Sharing: SNAPSHOT},
    source="Amazon RDS API 2014-10-31",
    fetch=fetch,
    shape=shape,
)
