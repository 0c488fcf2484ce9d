"""EBS volumes, their snapshots and whom these are shared with, and what happens to new volumes of a region."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Unread
from collectors.facts.data_access import Sharing
from collectors.facts.stores import Disk, DiskDefaults, DiskSnapshot

VOLUME = Kind("aws.ec2.volume", "ec2", "DescribeVolumes", items="Volumes")
SNAPSHOT = Kind("aws.ec2.snapshot", "ec2", "DescribeSnapshots", items="Snapshots", volatile=("Progress",))
PUBLIC = Kind("aws.ec2.public_snapshot", "ec2", "DescribeSnapshots", items="Snapshots", volatile=("Progress",))
DEFAULT = Kind("aws.ec2.ebs_encryption_by_default", "ec2", "GetEbsEncryptionByDefault")
PAGE = 1000
"""Largest page.  Without a page size EC2 tries to answer everything at once, and times out on many."""

History = dict[tuple[str, str | None], list[Document]]
"""Snapshots by region and volume; under None those that do not say of which volume they are."""


def fetch(aws: Reader) -> Iterator[Document]:
    """The default of the region, every volume, and every snapshot that this account owns, the public ones once more."""
    yield from aws.read(DEFAULT, defaults_uid(aws.partition, aws.region, aws.account))
    for volume in aws.listing(VOLUME, MaxResults=PAGE):
        yield aws.document(VOLUME, aws.arn("ec2", f"volume/{volume['VolumeId']}"), volume)
    for snapshot in aws.listing(SNAPSHOT, OwnerIds=["self"], MaxResults=PAGE):
        yield aws.document(SNAPSHOT, snapshot_uid(aws.partition, aws.region, snapshot["SnapshotId"]), snapshot)
    # Those of them that anybody may make a volume of: one listing instead of a call for each snapshot.
    for snapshot in aws.listing(PUBLIC, OwnerIds=["self"], RestorableByUserIds=["all"], MaxResults=PAGE):
        yield aws.document(PUBLIC, snapshot_uid(aws.partition, aws.region, snapshot["SnapshotId"]), snapshot)


def snapshot_uid(partition: str, region: str, name: str) -> str:
    """The ARN of a snapshot, in which AWS writes no account."""
    return f"arn:{partition}:ec2:{region}::snapshot/{name}"


def defaults_uid(partition: str, region: str, account: str) -> str:
    """Stands for the default of a region, which has no ARN of its own."""
    return f"arn:{partition}:ec2:{region}:{account}:ebs-encryption-by-default"


def shape(docs: Documents) -> Iterator[Fact]:
    """The default of each region, one disk per volume; one disk snapshot per snapshot, and whether it is public."""
    for region in docs.regions:
        yield _defaults(docs, region)
    history = _histories(docs)
    for volume in docs.of(VOLUME):
        yield _disk(docs, volume, history)
    public = {snapshot.uid for snapshot in docs.of(PUBLIC)}
    for snapshot in docs.of(SNAPSHOT):
        yield Sharing(
            resource=docs.resource("disk_snapshot", snapshot.uid, _name(snapshot), snapshot.region),
            documents=docs.about(snapshot.uid),
            what="disk snapshot",
            # A listing that was cut off may have hidden it.
            everybody=True if snapshot.uid in public else docs.complete(PUBLIC, snapshot.region) or False,
        )
        yield DiskSnapshot(
            resource=docs.resource("disk_snapshot", snapshot.uid, _name(snapshot), snapshot.region),
            documents=docs.about(snapshot.uid),
            encrypted_at_rest=docs.field(SNAPSHOT, snapshot, lambda body: bool(body["Encrypted"])),
        )


def _defaults(docs: Documents, region: str) -> DiskDefaults:
    uid = defaults_uid(docs.partition, region, docs.account)
    return DiskDefaults(
        resource=docs.resource("disk_defaults", uid, region, region),
        documents=docs.about(uid),
        encrypted_by_default=docs.value(DEFAULT, uid, lambda body: bool(body["EbsEncryptionByDefault"])),
    )


def _disk(docs: Documents, volume: Document, history: History) -> Disk:
    region = volume.region
    snapshots = [*history.get((region, _name(volume)), ()), *history.get((region, None), ())]
    return Disk(
        resource=docs.resource("disk", volume.uid, _name(volume), volume.region),
        documents=docs.about(volume.uid, *snapshots),
        encrypted_at_rest=docs.field(VOLUME, volume, lambda body: bool(body["Encrypted"])),
        customer_key=docs.field(VOLUME, volume, named_key),
        attached=docs.field(VOLUME, volume, lambda body: bool(body["Attachments"])),
        newest_snapshot=_newest(docs, region, snapshots),
        machine=docs.field(VOLUME, volume, lambda body: machine(body, docs, region)),
    )


def machine(body: Body, docs: Documents, region: str) -> str | None:
    """ARN of the instance that a volume is attached to, the first of several; None when it is detached."""
    attached = [each["InstanceId"] for each in body["Attachments"]]
    return f"arn:{docs.partition}:ec2:{region}:{docs.account}:instance/{attached[0]}" if attached else None


def _name(document: Document) -> str:
    return document.uid.rpartition("/")[2]


def _histories(docs: Documents) -> History:
    found: History = {}
    for snapshot in docs.of(SNAPSHOT):
        found.setdefault((snapshot.region, snapshot.body.get("VolumeId")), []).append(snapshot)
    return found


def _newest(docs: Documents, region: str, snapshots: list[Document]) -> datetime | None | Unread:
    """Start of the newest completed one.  A listing that was cut off may have hidden a newer one."""
    starts: list[datetime] = []
    for snapshot in snapshots:
        start = docs.field(SNAPSHOT, snapshot, completed_start)
        if isinstance(start, Unread):
            return start
        if start is not None:
            starts.append(start)
    unlisted = docs.complete(SNAPSHOT, region)
    return max(starts, default=None) if unlisted is None else unlisted


def completed_start(body: Body) -> datetime | None:
    """When a completed snapshot was started; None for one that is under way or failed."""
    if "VolumeId" not in body:
        raise KeyError("VolumeId")
    return when(body["StartTime"]) if body["State"] == "completed" else None


def named_key(body: Body) -> str | None:
    """The KMS key in use; None without encryption, and AWS then leaves the key out.

    The ARN alone does not tell a customer-managed key from the account's AWS-managed `aws/ebs`.
    """
    return str(body["KmsKeyId"]) if body["Encrypted"] else None


COLLECTOR = Collector(
    id="aws.ebs_volumes",
    title="EBS volumes, their snapshots and the region's default encryption",
    scope="region",
    kinds=(VOLUME, SNAPSHOT, PUBLIC, DEFAULT),
    emits={Disk: VOLUME, DiskSnapshot: SNAPSHOT, Sharing: SNAPSHOT, DiskDefaults: None},
    source="Amazon EC2 API 2016-11-15",
    fetch=fetch,
    shape=shape,
)
