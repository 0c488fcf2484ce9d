"""aws.launch_templates"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.launch_templates import COLLECTOR, VERSION, public_addresses, requires_token
from collectors.facts.machines import MachineAddresses, MachineMetadata
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

REGION = "us-east-1"
OPEN = {"NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": True}]}


def test_the_default_and_the_latest_version_are_read(read: Read, client: Client) -> None:
    """A version in between is nobody's, unless it is named by number; one that is both counts once."""
    ec2 = client("ec2")
    ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"InstanceType": "t3.small"})
    ec2.create_launch_template_version(LaunchTemplateName="web", LaunchTemplateData={"InstanceType": "t3.large"})
    ec2.create_launch_template_version(LaunchTemplateName="web", LaunchTemplateData=OPEN)
    ec2.create_launch_template(LaunchTemplateName="job", LaunchTemplateData={"InstanceType": "t3.small"})

    found = {each.resource.name: each.public for each in read(COLLECTOR).facts(MachineAddresses)}

    assert found == {"web version 1": (), "web version 3": ("ephemeral",), "job version 1": ()}


def test_no_templates_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert list(COLLECTOR.shape(reading.documents)) == []
    assert reading.documents.complete(VERSION, REGION) is None


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble"])
def test_a_failed_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """No template is known, and that is said."""
    client("ec2").create_launch_template(LaunchTemplateName="web", LaunchTemplateData=OPEN)
    getattr(faults, fault).add("ec2:DescribeLaunchTemplateVersions")

    reading = read(COLLECTOR)
    unlisted = reading.documents.complete(VERSION, REGION)

    assert reading.facts(MachineMetadata) == []
    assert unlisted is not None
    assert (unlisted.operation, unlisted.permission) == ("ec2:DescribeLaunchTemplateVersions",) * 2


@pytest.mark.parametrize(
    ("interfaces", "result"),
    [
        ([{"AssociatePublicIpAddress": False}], ()),
        ([{"DeviceIndex": 0}], ()),
        ([{"AssociatePublicIpAddress": False}, {"AssociatePublicIpAddress": True}], ("ephemeral",)),
    ],
)
def test_any_interface_with_an_address_counts(interfaces: list[dict[str, Any]], result: tuple[str, ...]) -> None:
    """A template that is silent leaves it to the subnet."""
    assert public_addresses({"LaunchTemplateData": {"NetworkInterfaces": interfaces}}) == result
    assert public_addresses({"LaunchTemplateData": {}}) == ()


@pytest.mark.parametrize(
    ("options", "result"),
    [
        ({"HttpTokens": "required"}, True),
        ({"HttpTokens": "optional"}, False),
        ({"HttpTokens": "optional", "HttpEndpoint": "disabled"}, True),
        ({"HttpEndpoint": "enabled"}, None),
        ({}, None),
    ],
)
def test_metadata_are_read_from_what_the_template_says(options: dict[str, str], result: bool | None) -> None:
    """What is left out comes from elsewhere."""
    assert requires_token({"LaunchTemplateData": {"MetadataOptions": options}}) is result


def test_a_state_of_metadata_that_nobody_knows_is_no_answer() -> None:
    """A new word proves nothing."""
    with pytest.raises(ValueError, match="maybe"):
        requires_token({"LaunchTemplateData": {"MetadataOptions": {"HttpTokens": "maybe"}}})
