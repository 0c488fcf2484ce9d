"""Managed disks and their snapshots, and the sets that say with which key disks are encrypted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from collectors.api import Body, Collector, Document
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.azure.vault_keys import without_version
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Unread
from collectors.facts.stores import Disk, DiskSnapshot

VERSION = "2023-04-02"

DISK = of_subscription(
    "azure.compute.disk",
    "Microsoft.Compute/disks",
    VERSION,
    # They move when the machine is started and stopped.
    volatile=("properties.diskState", "properties.LastOwnershipUpdateTime"),
)
SNAPSHOT = of_subscription(
    "azure.compute.snapshot", "Microsoft.Compute/snapshots", VERSION, volatile=("properties.completionPercent",)
)
KEY_SET = of_subscription("azure.compute.disk_encryption_set", "Microsoft.Compute/diskEncryptionSets", VERSION)
WHOLE = 100
"""Percent of an incremental copy that is complete; left out for a copy that was whole at once."""
WITH_CUSTOMER_KEY = ("encryptionatrestwithcustomerkey", "encryptionatrestwithplatformandcustomerkeys")
WITH_PROVIDER_KEY = ("encryptionatrestwithplatformkey",)

History = dict[str | None, list[Document]]
"""Snapshots by the disk that they are of; under None those that do not say."""


def fetch(azure: Reader) -> Iterator[Document]:
    """Every disk, snapshot and encryption set of the subscription."""
    for kind in (DISK, SNAPSHOT, KEY_SET):
        for thing in azure.listing(kind):
            yield azure.document(kind, uid_of(thing), thing)


def shape(docs: Documents) -> Iterator[Fact]:
    """One disk per disk and one disk snapshot per snapshot."""
    history: History = defaultdict(list)
    for snapshot in docs.of(SNAPSHOT):
        history[source(snapshot.body)].append(snapshot)
    for disk in docs.of(DISK):
        snapshots = [*history.get(disk.uid, ()), *history.get(None, ())]
        yield Disk(
            resource=docs.resource("disk", disk.uid, name_of(disk.body), place_of(disk.body)),
            documents=docs.about(disk.uid, *snapshots),
            encrypted_at_rest=docs.field(DISK, disk, encrypted),
            customer_key=_key(docs, disk),
            attached=docs.field(DISK, disk, lambda body: machine(body) is not None),
            newest_snapshot=_newest(docs, snapshots),
            machine=docs.field(DISK, disk, machine),
        )
    for snapshot in docs.of(SNAPSHOT):
        yield DiskSnapshot(
            resource=docs.resource("disk_snapshot", snapshot.uid, name_of(snapshot.body), place_of(snapshot.body)),
            documents=docs.about(snapshot.uid),
            encrypted_at_rest=docs.field(SNAPSHOT, snapshot, encrypted),
        )


def source(body: Body) -> str | None:
    """The disk that a snapshot is of; None when the answer does not say."""
    made = body.get("properties", {}).get("creationData", {})
    return str(made["sourceResourceId"]).lower() if made.get("sourceResourceId") else None


def encrypted(body: Body) -> bool:
    """Encrypted with any key.  Azure leaves no disk plain, so that any word but those documented is malformed."""
    with_customer_key(body)
    return True


def with_customer_key(body: Body) -> bool:
    """A key of the customer's is among those that encrypt it.  Raises ValueError for a word that is not documented."""
    word = str(properties(body)["encryption"]["type"]).lower()
    if word not in WITH_CUSTOMER_KEY + WITH_PROVIDER_KEY:
        raise ValueError(f"encryption of type {word}")
    return word in WITH_CUSTOMER_KEY


def _key(docs: Documents, disk: Document) -> str | None | Unread:
    """The address of the key in the customer's vault; a set of another subscription stands for its key."""
    set_ = docs.field(DISK, disk, encryption_set)
    if set_ is None or isinstance(set_, Unread):
        return set_
    found = {each.uid: each for each in docs.of(KEY_SET)}.get(set_)
    if found is not None:
        return docs.field(KEY_SET, found, active_key)
    return docs.complete(KEY_SET, "global") or set_


def encryption_set(body: Body) -> str | None:
    """The set that names the customer's key; None with a key of Azure's own."""
    return str(properties(body)["encryption"]["diskEncryptionSetId"]).lower() if with_customer_key(body) else None


def active_key(body: Body) -> str:
    """The key that a set uses now."""
    return without_version(properties(body)["activeKey"]["keyUrl"])


def machine(body: Body) -> str | None:
    """The machine that it is attached to, running or not; Azure leaves the field out of a disk that is detached."""
    holder = body.get("managedBy")
    return None if holder is None else str(holder).lower()


def _newest(docs: Documents, snapshots: list[Document]) -> datetime | None | Unread:
    """Start of the newest completed one.  A listing that was cut off may have hidden a newer one."""
    starts: list[datetime] = []
    for snapshot in snapshots:
        start = docs.field(SNAPSHOT, snapshot, completed_start)
        if isinstance(start, Unread):
            return start
        if start is not None:
            starts.append(start)
    unlisted = docs.complete(SNAPSHOT, "global")
    return max(starts, default=None) if unlisted is None else unlisted


def completed_start(body: Body) -> datetime | None:
    """When a completed copy of a disk was started; None for one under way or failed, and for what is no such copy."""
    said = properties(body)
    made = said["creationData"]
    if made["createOption"] == "Copy" and not made.get("sourceResourceId"):
        raise KeyError("sourceResourceId")
    complete = said["provisioningState"] == "Succeeded" and float(said.get("completionPercent", WHOLE)) >= WHOLE
    return when(said["timeCreated"]) if complete and made.get("sourceResourceId") else None


COLLECTOR = Collector(
    id="azure.managed_disks",
    title="Managed disks and their snapshots",
    scope="global",
    kinds=(DISK, SNAPSHOT, KEY_SET),
    emits={Disk: DISK, DiskSnapshot: SNAPSHOT},
    source=f"Azure Compute resource provider {VERSION}",
    fetch=fetch,
    shape=shape,
)
