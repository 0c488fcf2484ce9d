"""Persistent disks and their snapshots: keys, what they are attached to, how fresh their copies are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from collectors.api import Body, Collector, Document
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Unread
from collectors.facts.stores import Disk, DiskSnapshot
from collectors.gcp.kinds import DISABLED, rest
from collectors.gcp.names import compute_uid, place_of
from collectors.gcp.session import Reader

DISK = rest(
    "gcp.compute.disk",
    "compute",
    "disks.aggregatedList",
    "/compute/v1/projects/{project}/aggregated/disks?maxResults=500",
    permission="compute.disks.list",
    items="items.*.disks",
    omits_empty=True,
    absent=(DISABLED,),  # see gcp.compute_instances
    volatile=("labelFingerprint", "lastAttachTimestamp", "lastDetachTimestamp"),
)
SNAPSHOT = rest(
    "gcp.compute.snapshot",
    "compute",
    "snapshots.list",
    "/compute/v1/projects/{project}/global/snapshots?maxResults=500",
    permission="compute.snapshots.list",
    items="items",
    omits_empty=True,
    absent=(DISABLED,),
    volatile=("labelFingerprint", "storageBytes", "storageBytesStatus"),
)
READY = "READY"


def fetch(gcp: Reader) -> Iterator[Document]:
    """Every disk in every zone and region, and every snapshot."""
    for kind in (DISK, SNAPSHOT):
        for item in gcp.listing(kind):
            yield gcp.document(kind, compute_uid(item["selfLink"]), item)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per disk, and one per snapshot."""
    taken = _taken(docs)
    for disk in docs.of(DISK):
        uid, body = disk.uid, disk.body
        users = docs.field(DISK, disk, lambda said: tuple(map(compute_uid, said.get("users") or ())))
        yield Disk(
            resource=docs.resource("disk", uid, body["name"], place_of(uid)),
            documents=docs.about(uid),
            encrypted_at_rest=True,  # Google encrypts whatever it stores
            customer_key=docs.field(DISK, disk, key_of),
            attached=users if isinstance(users, Unread) else bool(users),
            newest_snapshot=_newest(docs, disk, taken),
            machine=users if isinstance(users, Unread) else next(iter(users), None),
        )
    for snapshot in docs.of(SNAPSHOT):
        yield DiskSnapshot(
            resource=docs.resource("disk_snapshot", snapshot.uid, snapshot.body["name"], "global"),
            documents=docs.about(snapshot.uid),
            encrypted_at_rest=True,
        )


def key_of(body: Body) -> str | None:
    """The customer's key in Cloud KMS, or the digest of one that the customer hands over; None for Google's own."""
    said = body.get("diskEncryptionKey") or {}
    supplied = said.get("sha256")
    return said.get("kmsKeyName") or (f"supplied:{supplied}" if supplied else None)


def _taken(docs: Documents) -> Mapping[str, list[datetime | Unread]]:
    """By the id of a disk, when each of its completed snapshots was taken.  A name may be that of a later disk."""
    found: dict[str, list[datetime | Unread]] = defaultdict(list)
    for snapshot in docs.of(SNAPSHOT):
        ready = docs.field(SNAPSHOT, snapshot, lambda body: body["status"] == READY)
        if ready is not False:
            made = docs.field(SNAPSHOT, snapshot, lambda body: when(body["creationTimestamp"]))
            found[str(snapshot.body.get("sourceDiskId", ""))].append(ready if isinstance(ready, Unread) else made)
    return found


def _newest(docs: Documents, disk: Document, taken: Mapping[str, list[datetime | Unread]]) -> datetime | None | Unread:
    """When the newest snapshot of a disk was taken.  One that is known counts, though others may be newer still."""
    mine = taken.get(str(disk.body.get("id")), [])
    dates = [each for each in mine if isinstance(each, datetime)]
    if dates:
        return max(dates)
    unread = next((each for each in mine if isinstance(each, Unread)), None)
    return unread or docs.complete(SNAPSHOT, "global")


COLLECTOR = Collector(
    id="gcp.compute_disks",
    title="Persistent disks and snapshots",
    scope="global",
    kinds=(DISK, SNAPSHOT),
    emits={Disk: DISK, DiskSnapshot: SNAPSHOT},
    source="Compute Engine API v1",
    fetch=fetch,
    shape=shape,
)
