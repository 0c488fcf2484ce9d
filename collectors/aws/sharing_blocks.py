"""The guards of a region that keep disk snapshots and machine images from being given to everybody."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.data_access import SharingGuard

SNAPSHOTS = Kind("aws.ec2.snapshot_block", "ec2", "GetSnapshotBlockPublicAccessState")
IMAGES = Kind("aws.ec2.image_block", "ec2", "GetImageBlockPublicAccessState")

GUARDS = ((SNAPSHOTS, "disk snapshots"), (IMAGES, "machine images"))
SNAPSHOT_STATES = {"block-all-sharing": True, "block-new-sharing": False, "unblocked": False}
"""With `block-new-sharing` what was public before stays public."""
IMAGE_STATES = {"block-new-sharing": True, "unblocked": False}
"""EC2 has no way to block images that are public already; each of these is a `Sharing`."""


def fetch(aws: Reader) -> Iterator[Document]:
    """Both guards of the region."""
    for kind, what in GUARDS:
        yield from aws.read(kind, guard_uid(aws.partition, aws.region, aws.account, what))


def guard_uid(partition: str, region: str, account: str, what: str) -> str:
    """Stands for a guard, which has no ARN of its own."""
    return f"arn:{partition}:ec2:{region}:{account}:block-public-{what.partition(' ')[2]}"


def shape(docs: Documents) -> Iterator[Fact]:
    """Two facts per region."""
    for region in docs.regions:
        for kind, what in GUARDS:
            uid = guard_uid(docs.partition, region, docs.account, what)
            yield SharingGuard(
                resource=docs.resource("sharing_guard", uid, f"{what} of {region}", region),
                documents=docs.about(uid),
                what=what,
                blocked=docs.value(kind, uid, blocked),
            )


def blocked(body: Body) -> bool:
    """No snapshot is public, whatever its own rights say; no image can be made public."""
    return SNAPSHOT_STATES[body["State"]] if "State" in body else IMAGE_STATES[body["ImageBlockPublicAccessState"]]


COLLECTOR = Collector(
    id="aws.sharing_blocks",
    title="Blocks of public sharing",
    scope="region",
    kinds=(SNAPSHOTS, IMAGES),
    emits={SharingGuard: None},
    source="Amazon EC2 API 2016-11-15",
    fetch=fetch,
    shape=shape,
)
