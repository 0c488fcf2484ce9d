"""aws.ec2_images"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.api import Document
from collectors.aws.ec2_images import COLLECTOR, IMAGE
from collectors.documents import Documents
from collectors.facts.core import Unread
from collectors.facts.data_access import Sharing
from collectors.provenance import Identity
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

REGION = "us-east-1"


def register(ec2: Any, name: str) -> str:
    """The id of a new image."""
    return str(ec2.register_image(Name=name, RootDeviceName="/dev/sda1")["ImageId"])


def test_public_images_are_told_apart(read: Read, client: Client) -> None:
    """Each by its own word."""
    ec2 = client("ec2")
    opened, kept = register(ec2, "opened"), register(ec2, "kept")
    ec2.modify_image_attribute(ImageId=opened, LaunchPermission={"Add": [{"Group": "all"}]})

    reading = read(COLLECTOR)

    assert reading.fact(Sharing, opened).everybody is True
    assert reading.fact(Sharing, kept).everybody is False
    assert reading.fact(Sharing, kept).resource.uid == f"arn:aws:ec2:us-east-1::image/{kept}"


def test_only_own_images_are_asked_for(read: Read) -> None:
    """Everybody else's public images are thousands, and an empty listing is complete."""
    reading = read(COLLECTOR)

    assert [call.parameters for call in reading.page.calls] == [{"Owners": ["self"], "MaxResults": 1000}]
    assert reading.facts(Sharing) == []
    assert reading.documents.complete(IMAGE, REGION) is None


@pytest.mark.parametrize("fault", ["deny", "garble", "throttle"])
def test_a_failed_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """No image is known, and that is said."""
    register(client("ec2"), "some")
    getattr(faults, fault).add("ec2:DescribeImages")

    unlisted = read(COLLECTOR).documents.complete(IMAGE, REGION)

    assert unlisted is not None
    assert unlisted.operation == "ec2:DescribeImages"


def test_an_image_that_does_not_say_is_unread() -> None:
    """A bare answer does not make an image private."""
    bare = Document(IMAGE.name, "arn:aws:ec2:us-east-1::image/ami-1", REGION, {})
    documents = Documents(COLLECTOR, Identity("aws", "1", "me", "aws"), (REGION,), [bare])

    (fact,) = COLLECTOR.shape(documents)

    assert isinstance(fact, Sharing)
    assert isinstance(fact.everybody, Unread)
