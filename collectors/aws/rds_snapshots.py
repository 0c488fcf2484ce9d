"""Snapshots of RDS database instances, automatic ones too, and whom they are shared with; not those of others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.rds_instances import encrypted, name_in
from collectors.aws.session import Reader
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Unread
from collectors.facts.data_access import Sharing
from collectors.facts.stores import DatabaseSnapshot

SNAPSHOT = Kind("aws.rds.snapshot", "rds", "DescribeDBSnapshots", items="DBSnapshots", volatile=("PercentProgress",))
ATTRIBUTES = Kind("aws.rds.snapshot_attributes", "rds", "DescribeDBSnapshotAttributes")
AUTOMATIC = "automated"
"""Snapshots that RDS makes itself cannot be shared: RDS User Guide, sharing a DB snapshot."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every snapshot of an instance that this account owns."""
    for snapshot in aws.listing(SNAPSHOT):
        uid = snapshot["DBSnapshotArn"]
        yield aws.document(SNAPSHOT, uid, snapshot)
        if snapshot.get("SnapshotType") != AUTOMATIC:
            yield Then(attributes, (uid, snapshot["DBSnapshotIdentifier"]), f"{uid}/{ATTRIBUTES.operation}")


def attributes(aws: Reader, uid: str, name: str) -> Iterator[Document]:
    """Whom one snapshot is shared with."""
    yield from aws.read(ATTRIBUTES, uid, DBSnapshotIdentifier=name)


def shape(docs: Documents) -> Iterator[Fact]:
    """One database snapshot each, and whom it is shared with."""
    for snapshot in docs.of(SNAPSHOT):
        yield DatabaseSnapshot(
            resource=docs.resource("database_snapshot", snapshot.uid, name_in(snapshot.uid), snapshot.region),
            documents=docs.about(snapshot.uid),
            encrypted_at_rest=docs.field(SNAPSHOT, snapshot, lambda body: encrypted(body, "Encrypted")),
            created=docs.field(SNAPSHOT, snapshot, taken),
        )
        yield Sharing(
            resource=docs.resource("database_snapshot", snapshot.uid, name_in(snapshot.uid), snapshot.region),
            documents=docs.about(snapshot.uid),
            what="database snapshot",
            everybody=shared(docs, snapshot),
        )


def shared(docs: Documents, snapshot: Document) -> bool | Unread:
    """Anybody may make a database of it."""
    if snapshot.body.get("SnapshotType") == AUTOMATIC:
        return False
    return docs.value(
        ATTRIBUTES,
        snapshot.uid,
        lambda body: restored_by_all(body["DBSnapshotAttributesResult"]["DBSnapshotAttributes"]),
    )


def restored_by_all(attributes: Iterable[Body]) -> bool:
    """The attribute `restore` names everybody.  Without the attribute, it names nobody."""
    return any(each["AttributeName"] == "restore" and "all" in each.get("AttributeValues", ()) for each in attributes)


def taken(body: Body) -> datetime | None:
    """When the snapshot was taken; AWS gives no time while it is being made."""
    return None if body["Status"] == "creating" else when(body["SnapshotCreateTime"])


COLLECTOR = Collector(
    id="aws.rds_snapshots",
    title="Snapshots of RDS database instances",
    scope="region",
    kinds=(SNAPSHOT, ATTRIBUTES),
    emits={DatabaseSnapshot: SNAPSHOT, Sharing: SNAPSHOT},
    source="Amazon RDS API 2014-10-31",
    fetch=fetch,
    shape=shape,
)
