"""aws.ebs_volumes"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.api import Document
from collectors.aws.ebs_volumes import COLLECTOR, DEFAULT, SNAPSHOT, VOLUME, completed_start, defaults_uid
from collectors.documents import Documents
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import Sharing
from collectors.facts.stores import Disk, DiskDefaults, DiskSnapshot
from collectors.provenance import Gap, Identity, Listing
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

REGION = "us-east-1"
KEY = "arn:aws:kms:us-east-1:123456789012:key/k"


def create(ec2: Any, **settings: Any) -> str:
    """The id of a new volume."""
    return str(ec2.create_volume(AvailabilityZone="us-east-1a", Size=8, **settings)["VolumeId"])


def test_volumes_and_their_newest_snapshots(read: Read, client: Client) -> None:
    """Encryption, key and newest snapshot of each volume."""
    ec2 = client("ec2")
    safe = create(ec2, Encrypted=True, KmsKeyId=KEY)
    bare = create(ec2, Encrypted=False)
    ec2.create_snapshot(VolumeId=safe)
    newest = ec2.create_snapshot(VolumeId=safe)

    reading = read(COLLECTOR)
    disk = reading.fact(Disk, safe)

    assert disk.resource.uid == f"arn:aws:ec2:us-east-1:123456789012:volume/{safe}"
    assert (disk.encrypted_at_rest, disk.customer_key, disk.attached) == (True, KEY, False)
    assert disk.newest_snapshot == newest["StartTime"]
    assert len(disk.documents) == 3
    other = reading.fact(Disk, bare)
    assert (other.encrypted_at_rest, other.customer_key, other.newest_snapshot) == (False, None, None)


def test_snapshots_and_the_arn_that_aws_gives_them(read: Read, client: Client) -> None:
    """The ARN of a snapshot has no account; each snapshot says whether it is encrypted."""
    ec2 = client("ec2")
    safe = ec2.create_snapshot(VolumeId=create(ec2, Encrypted=True))["SnapshotId"]
    bare = ec2.create_snapshot(VolumeId=create(ec2, Encrypted=False))["SnapshotId"]

    reading = read(COLLECTOR)

    assert reading.fact(DiskSnapshot, safe).resource.uid == f"arn:aws:ec2:us-east-1::snapshot/{safe}"
    assert reading.fact(DiskSnapshot, safe).encrypted_at_rest is True
    assert reading.fact(DiskSnapshot, bare).encrypted_at_rest is False


def test_a_volume_of_an_instance_is_attached(read: Read, client: Client) -> None:
    """Its root volume says so."""
    image = client("ec2").register_image(Name="image", RootDeviceName="/dev/sda1")["ImageId"]
    client("ec2").run_instances(ImageId=image, MinCount=1, MaxCount=1)

    (disk,) = read(COLLECTOR).facts(Disk)

    assert disk.attached is True


def test_each_region_has_its_default(read: Read, client: Client) -> None:
    """One fact per region, on or off, and an empty region is a complete one."""
    client("ec2", "eu-west-1").enable_ebs_encryption_by_default()

    reading = read(COLLECTOR, "us-east-1", "eu-west-1")

    assert {each.resource.region: each.encrypted_by_default for each in reading.facts(DiskDefaults)} == {
        "us-east-1": False,
        "eu-west-1": True,
    }
    assert reading.facts(Disk) == []
    assert reading.documents.complete(VOLUME, "eu-west-1") is None
    assert reading.documents.complete(SNAPSHOT, "eu-west-1") is None


def test_pages_are_asked_for_and_only_own_snapshots(read: Read) -> None:
    """Without a page size EC2 answers all at once; without an owner, with everybody's public snapshots."""
    asked = [(call.operation, call.parameters) for call in read(COLLECTOR).page.calls]
    own = {"OwnerIds": ["self"], "MaxResults": 1000}

    assert asked[1:] == [
        ("DescribeVolumes", {"MaxResults": 1000}),
        ("DescribeSnapshots", own),
        ("DescribeSnapshots", {**own, "RestorableByUserIds": ["all"]}),
    ]


def test_public_snapshots_are_told_apart(read: Read, client: Client, faults: Faults) -> None:
    """A snapshot that anybody may use is in the second listing; where that is denied, nobody knows."""
    ec2 = client("ec2")
    volume = create(ec2)
    open_one, kept = (ec2.create_snapshot(VolumeId=volume)["SnapshotId"] for _ in range(2))

    assert [fact.everybody for fact in read(COLLECTOR).facts(Sharing)] == [False, False]

    ec2.modify_snapshot_attribute(
        SnapshotId=open_one, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"]
    )
    reading = read(COLLECTOR)

    assert reading.fact(Sharing, open_one).everybody is True
    assert reading.fact(Sharing, kept).everybody is False

    faults.calls.clear()
    faults.after = 1  # the listing of all answers, that of the public ones does not
    faults.deny.add("ec2:DescribeSnapshots")
    denied = read(COLLECTOR).fact(Sharing, open_one).everybody

    assert denied == Unread(Reason.PERMISSION_DENIED, "ec2:DescribeSnapshots", "ec2:DescribeSnapshots", "AccessDenied")


def test_unlisted_snapshots_leave_the_newest_unread(read: Read, client: Client, faults: Faults) -> None:
    """A volume whose snapshots may not be seen is not one without any."""
    volume = create(client("ec2"), Encrypted=True)
    faults.deny.add("ec2:DescribeSnapshots")

    reading = read(COLLECTOR)
    disk = reading.fact(Disk, volume)

    assert disk.newest_snapshot == Unread(
        Reason.PERMISSION_DENIED, "ec2:DescribeSnapshots", "ec2:DescribeSnapshots", "AccessDenied"
    )
    assert disk.encrypted_at_rest is True
    assert reading.documents.complete(SNAPSHOT, REGION) == disk.newest_snapshot
    assert reading.documents.complete(VOLUME, REGION) is None


@pytest.mark.parametrize("fault", ["deny", "garble"])
def test_a_failed_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """No volume is known, and that is said."""
    create(client("ec2"))
    getattr(faults, fault).add("ec2:DescribeVolumes")

    unlisted = read(COLLECTOR).documents.complete(VOLUME, REGION)

    assert unlisted is not None
    assert unlisted.operation == "ec2:DescribeVolumes"


@pytest.mark.parametrize("fault", ["deny", "garble"])
def test_an_unread_default_is_neither_on_nor_off(read: Read, faults: Faults, fault: str) -> None:
    """The region still has its fact."""
    getattr(faults, fault).add("ec2:GetEbsEncryptionByDefault")

    (default,) = read(COLLECTOR).facts(DiskDefaults)

    assert isinstance(default.encrypted_by_default, Unread)
    assert default.encrypted_by_default.operation == "ec2:GetEbsEncryptionByDefault"
    assert default.resource.uid == defaults_uid("aws", REGION, "123456789012")


def shaped(*snapshots: dict[str, Any], cut_off: bool = False) -> Disk:
    """The disk `vol-1` with these snapshots."""
    volume = Document(VOLUME.name, "arn:aws:ec2:us-east-1:1:volume/vol-1", REGION, {"VolumeId": "vol-1"})
    found = [
        Document(SNAPSHOT.name, f"arn:aws:ec2:us-east-1::snapshot/snap-{number}", REGION, body)
        for number, body in enumerate(snapshots)
    ]
    gap = Gap(
        reason=Reason.THROTTLED,
        collector=COLLECTOR.id,
        region=REGION,
        kind=SNAPSHOT.name,
        uid=None,
        listing=True,
        operation=SNAPSHOT.call,
        permission=SNAPSHOT.needs,
        error="RequestLimitExceeded",
    )
    listings = [Listing(COLLECTOR.id, kind.name, REGION, "", 0, 0) for kind in (VOLUME, SNAPSHOT)]
    documents = Documents(
        COLLECTOR,
        Identity("aws", "1", "me", "aws"),
        (REGION,),
        [volume, *found],
        [gap] if cut_off else [],
        [] if cut_off else listings,
    )
    (disk,) = [fact for fact in COLLECTOR.shape(documents) if isinstance(fact, Disk)]
    return disk


def snapshot(hour: int, volume: str = "vol-1", state: str = "completed") -> dict[str, Any]:
    """A snapshot of 14 March 2026."""
    return {"VolumeId": volume, "State": state, "StartTime": f"2026-03-14T{hour:02}:00:00+00:00"}


def test_the_newest_completed_snapshot_counts() -> None:
    """Not one under way, nor one of another volume, whatever the order."""
    disk = shaped(
        snapshot(5),
        snapshot(3),
        snapshot(9, state="pending"),
        snapshot(10, state="error"),
        snapshot(11, "vol-2"),
    )

    assert disk.newest_snapshot == datetime(2026, 3, 14, 5, tzinfo=UTC)


def test_a_cut_off_listing_may_hide_a_newer_one() -> None:
    """What was found before the cut proves nothing about the newest."""
    newest = shaped(snapshot(5), cut_off=True).newest_snapshot

    assert isinstance(newest, Unread)
    assert newest.reason is Reason.THROTTLED


@pytest.mark.parametrize("missing", ["VolumeId", "State", "StartTime"])
def test_a_malformed_snapshot_leaves_the_newest_unread(missing: str) -> None:
    """It could be the newest, and one that names no volume could be of any."""
    body = {key: value for key, value in snapshot(5).items() if key != missing}

    assert isinstance(shaped(snapshot(3), body).newest_snapshot, Unread)


def test_every_field_that_aws_left_out_is_unread() -> None:
    """A bare volume proves no setting, on or off; its empty history is complete."""
    disk = shaped()

    assert isinstance(disk.encrypted_at_rest, Unread)
    assert isinstance(disk.customer_key, Unread)
    assert isinstance(disk.attached, Unread)
    assert disk.newest_snapshot is None


def test_a_start_is_one_of_a_completed_snapshot() -> None:
    """A pending one has no say, even without its time."""
    assert completed_start({"VolumeId": "v", "State": "pending"}) is None
    assert completed_start(snapshot(1)) == datetime(2026, 3, 14, 1, tzinfo=UTC)


def test_the_default_is_a_document_of_its_own(read: Read) -> None:
    """The fact refers to the answer that it rests on."""
    (default,) = read(COLLECTOR).facts(DiskDefaults)

    assert [ref.kind for ref in default.documents] == [DEFAULT.name]


def test_an_attached_volume_names_its_instance(read: Read, client: Client) -> None:
    """A backup of the instance holds the volume, so that it has to be found; a detached one names none."""
    ec2 = client("ec2")
    (instance,) = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"]
    volume = create(ec2)
    ec2.attach_volume(VolumeId=volume, InstanceId=instance["InstanceId"], Device="/dev/sdf")
    loose = create(ec2)

    reading = read(COLLECTOR)

    own = f"arn:aws:ec2:us-east-1:123456789012:instance/{instance['InstanceId']}"
    assert reading.fact(Disk, volume).machine == own
    assert reading.fact(Disk, loose).machine is None
