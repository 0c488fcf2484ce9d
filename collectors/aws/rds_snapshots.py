"""Snapshots of RDS database instances, automatic ones too; not those that other accounts share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.rds_instances import encrypted, name_in
from collectors.aws.session import Reader
from collectors.documents import Documents, when
from collectors.facts.core import Fact
from collectors.facts.stores import DatabaseSnapshot

SNAPSHOT = Kind("aws.rds.snapshot", "rds", "DescribeDBSnapshots", items="DBSnapshots", volatile=("PercentProgress",))


def fetch(aws: Reader) -> Iterator[Document]:
    """Every snapshot of an instance that this account owns."""
    for snapshot in aws.listing(SNAPSHOT):
        yield aws.document(SNAPSHOT, snapshot["DBSnapshotArn"], snapshot)


def shape(docs: Documents) -> Iterator[Fact]:
    """One database snapshot each."""
    for snapshot in docs.of(SNAPSHOT):
        yield DatabaseSnapshot(
            resource=docs.resource("database_snapshot", snapshot.uid, name_in(snapshot.uid), snapshot.region),
            documents=docs.about(snapshot.uid),
            encrypted_at_rest=docs.field(SNAPSHOT, snapshot, lambda body: encrypted(body, "Encrypted")),
            created=docs.field(SNAPSHOT, snapshot, taken),
        )


def taken(body: Body) -> datetime | None:
    """When the snapshot was taken; AWS gives no time while it is being made."""
    return None if body["Status"] == "creating" else when(body["SnapshotCreateTime"])


COLLECTOR = Collector(
    id="aws.rds_snapshots",
    title="Snapshots of RDS database instances",
    scope="region",
    kinds=(SNAPSHOT,),
    emits={DatabaseSnapshot: SNAPSHOT},
    source="Amazon RDS API 2014-10-31",
    fetch=fetch,
    shape=shape,
)
