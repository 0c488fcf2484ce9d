"""Machine images that the company made, and whether everybody may start them."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.data_access import Sharing

IMAGE = Kind("aws.ec2.image", "ec2", "DescribeImages", items="Images", volatile=("LastLaunchedTime",))
PAGE = 1000
"""Largest page.  Without a page size EC2 tries to answer everything at once."""


def fetch(aws: Reader) -> Iterator[Document]:
    """Every image of the region that this account owns; one that is disabled cannot be started by anybody."""
    for image in aws.listing(IMAGE, Owners=["self"], MaxResults=PAGE):
        # AWS writes no account in the ARN of an image.
        yield aws.document(IMAGE, f"arn:{aws.partition}:ec2:{aws.region}::image/{image['ImageId']}", image)


def shape(docs: Documents) -> Iterator[Fact]:
    """Whom each image is shared with."""
    for image in docs.of(IMAGE):
        yield Sharing(
            resource=docs.resource("disk_image", image.uid, image.uid.rpartition("/")[2], image.region),
            documents=docs.about(image.uid),
            what="machine image",
            everybody=docs.field(IMAGE, image, lambda body: bool(body["Public"])),
        )


COLLECTOR = Collector(
    id="aws.ec2_images",
    title="Machine images of the company",
    scope="region",
    kinds=(IMAGE,),
    emits={Sharing: IMAGE},
    source="Amazon EC2 API 2016-11-15",
    fetch=fetch,
    shape=shape,
)
