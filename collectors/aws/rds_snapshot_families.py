"""What snapshots of RDS instances and of clusters have in common: how they are read, and whom they are shared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from collectors.api import Body, Document, Kind, Then
from collectors.aws.rds_instances import encrypted, name_in
from collectors.aws.session import Reader
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Unread
from collectors.facts.data_access import Sharing
from collectors.facts.stores import DatabaseSnapshot

AUTOMATIC = "automated"
"""Snapshots that RDS makes itself cannot be shared: RDS User Guide, sharing a DB snapshot."""


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of snapshot: how it is read."""

    word: str
    """How AWS names one, in operations and in fields: `DBSnapshot`."""
    flag: str
    """The field that says whether one is encrypted."""
    snapshot: Kind
    attributes: Kind

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """All that is read."""
        return (self.snapshot, self.attributes)


def family(kind: str, word: str, flag: str) -> Family:
    """The reads of `word`, such as `DBSnapshot`, as documents of `kind` and `<kind>_attributes`."""
    return Family(
        word,
        flag,
        Kind(kind, "rds", f"Describe{word}s", items=f"{word}s", volatile=("PercentProgress",)),
        Kind(f"{kind}_attributes", "rds", f"Describe{word}Attributes"),
    )


def fetch(aws: Reader, these: Family) -> Iterator[Document | Then]:
    """Every snapshot that this account owns."""
    for snapshot in aws.listing(these.snapshot):
        uid = snapshot[f"{these.word}Arn"]
        yield aws.document(these.snapshot, uid, snapshot)
        if snapshot.get("SnapshotType") != AUTOMATIC:
            name = snapshot[f"{these.word}Identifier"]
            yield Then(attributes, (these, uid, name), f"{uid}/{these.attributes.operation}")


def attributes(aws: Reader, these: Family, uid: str, name: str) -> Iterator[Document]:
    """Whom one snapshot is shared with."""
    yield from aws.read(these.attributes, uid, **{f"{these.word}Identifier": name})


def facts(docs: Documents, these: Family) -> Iterator[Fact]:
    """One database snapshot each, and whom it is shared with."""
    for snapshot in docs.of(these.snapshot):
        resource = docs.resource("database_snapshot", snapshot.uid, name_in(snapshot.uid), snapshot.region)
        documents = docs.about(snapshot.uid)
        yield DatabaseSnapshot(
            resource=resource,
            documents=documents,
            encrypted_at_rest=docs.field(these.snapshot, snapshot, lambda body: encrypted(body, these.flag)),
            created=docs.field(these.snapshot, snapshot, taken),
        )
        yield Sharing(
            resource=resource,
            documents=documents,
            what="database snapshot",
            everybody=shared(docs, these, snapshot),
        )


def shared(docs: Documents, these: Family, snapshot: Document) -> bool | Unread:
    """Anybody may make a database or a cluster of it."""
    if snapshot.body.get("SnapshotType") == AUTOMATIC:
        return False
    result, listed = f"{these.word}AttributesResult", f"{these.word}Attributes"
    return docs.value(these.attributes, snapshot.uid, lambda body: restored_by_all(body[result][listed]))


def restored_by_all(listed: Iterable[Body]) -> bool:
    """The attribute `restore` names everybody.  Without the attribute, it names nobody."""
    return any(each["AttributeName"] == "restore" and "all" in each.get("AttributeValues", ()) for each in listed)


def taken(body: Body) -> datetime | None:
    """When the snapshot was taken; AWS gives no time while it is being made."""
    return None if body["Status"] == "creating" else when(body["SnapshotCreateTime"])
