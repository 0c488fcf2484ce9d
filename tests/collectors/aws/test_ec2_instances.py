"""aws.ec2_instances"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.api import Document
from collectors.aws.ec2_instances import (
    COLLECTOR,
    INSTANCE,
    can_boot_signed,
    encrypts_memory,
    forwards,
    public_addresses,
    requires_token,
)
from collectors.documents import Documents
from collectors.facts.core import Fact, Reason, Unread
from collectors.facts.machines import Machine, MachineAddresses, MachineForwarding, MachineMemory, MachineMetadata
from collectors.provenance import Identity
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

REGION = "us-east-1"


def start(ec2: Any, count: int = 1, name: str = "web") -> list[str]:
    """The ids of new instances that were started together."""
    image = ec2.register_image(Name="base", RootDeviceName="/dev/sda1")["ImageId"]
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}]
    found = ec2.run_instances(ImageId=image, MinCount=count, MaxCount=count, TagSpecifications=tags)
    return [str(each["InstanceId"]) for each in found["Instances"]]


def test_every_instance_is_read(read: Read, client: Client) -> None:
    """Those that were started together arrive as one item and are each a machine; those that are gone are none."""
    ec2 = client("ec2")
    kept, _ = start(ec2, 2)
    (gone,) = start(ec2, name="gone")
    ec2.terminate_instances(InstanceIds=[gone])

    reading = read(COLLECTOR)
    found = reading.facts(MachineAddresses)

    assert [each.resource.name for each in found] == ["web", "web"]
    assert f"arn:aws:ec2:us-east-1:123456789012:instance/{kept}" in {each.resource.uid for each in found}
    for type_ in (Machine, MachineForwarding, MachineMemory, MachineMetadata):
        assert len(reading.facts(type_)) == 2


def test_no_instances_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed, and the largest page is asked for."""
    reading = read(COLLECTOR)
    (call,) = reading.page.calls

    assert list(COLLECTOR.shape(reading.documents)) == []
    assert reading.documents.complete(INSTANCE, REGION) is None
    assert call.parameters["MaxResults"] == 1000


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble"])
def test_a_failed_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """No machine is known, and that is said."""
    start(client("ec2"))
    getattr(faults, fault).add("ec2:DescribeInstances")

    unlisted = read(COLLECTOR).documents.complete(INSTANCE, REGION)

    assert unlisted is not None
    assert unlisted.operation == "ec2:DescribeInstances"


def shaped(body: dict[str, Any]) -> list[Fact]:
    """The facts about one instance with this body."""
    uid = "arn:aws:ec2:us-east-1:1:instance/i-1"
    document = Document(INSTANCE.name, uid, REGION, {"InstanceId": "i-1", **body})
    documents = Documents(COLLECTOR, Identity("aws", "1", "me", "aws"), (REGION,), [document])
    return list(COLLECTOR.shape(documents))


def test_every_field_that_aws_left_out_is_unread() -> None:
    """A bare answer proves no setting, on or off."""
    boot, addresses, forwarding, memory, metadata = shaped({})

    assert isinstance(boot, Machine)
    assert isinstance(boot.trusted_boot, Unread)
    assert isinstance(addresses, MachineAddresses)
    assert isinstance(addresses.public, Unread)
    assert isinstance(forwarding, MachineForwarding)
    assert isinstance(forwarding.forwards, Unread)
    assert isinstance(memory, MachineMemory)
    assert isinstance(memory.encrypted, Unread)
    assert isinstance(metadata, MachineMetadata)
    assert isinstance(metadata.token_required, Unread)


@pytest.mark.parametrize(
    ("body", "able"),
    [
        ({"CurrentInstanceBootMode": "uefi", "TpmSupport": "v2.0"}, True),
        ({"CurrentInstanceBootMode": "uefi"}, False),
        ({"CurrentInstanceBootMode": "legacy-bios"}, False),
    ],
)
def test_secure_boot_is_ruled_out_and_never_assumed(body: dict[str, str], able: bool) -> None:
    """Without UEFI or the module there is none; with both, EC2 does not tell."""
    (boot, *_) = shaped(body)

    assert isinstance(boot, Machine)
    assert can_boot_signed(body) is able
    if able:
        assert isinstance(boot.trusted_boot, Unread)
        assert boot.trusted_boot.reason is Reason.SERVICE_UNSUPPORTED
    else:
        assert boot.trusted_boot is False


def test_addresses_of_all_interfaces_count() -> None:
    """Elastic and automatic ones, second addresses and v6; private ones do not."""
    first = {
        "PrivateIpAddresses": [
            {"PrivateIpAddress": "10.0.0.4", "Association": {"PublicIp": "203.0.113.9"}},
            {"PrivateIpAddress": "10.0.0.5"},
        ],
    }
    second = {
        "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.4", "Association": {"PublicIp": "198.51.100.7"}}],
        "Ipv6Addresses": [{"Ipv6Address": "2600:1f18::5"}, {"Ipv6Address": "fd00::5"}],
    }

    assert public_addresses({"NetworkInterfaces": [first]}) == ("203.0.113.9",)
    assert public_addresses({"NetworkInterfaces": [first, second]}) == ("198.51.100.7", "203.0.113.9", "2600:1f18::5")
    assert public_addresses({"NetworkInterfaces": [{"PrivateIpAddresses": []}]}) == ()


def test_one_interface_without_its_check_forwards() -> None:
    """The check is set interface by interface."""
    on, off = {"SourceDestCheck": True}, {"SourceDestCheck": False}

    assert forwards({"NetworkInterfaces": [on, on]}) is False
    assert forwards({"NetworkInterfaces": [on, off]}) is True


@pytest.mark.parametrize(
    ("options", "result"),
    [({"CoreCount": 2, "AmdSevSnp": "enabled"}, True), ({"AmdSevSnp": "disabled"}, False), ({"CoreCount": 2}, False)],
)
def test_memory_is_encrypted_by_the_processor_alone(options: dict[str, Any], result: bool) -> None:
    """AWS leaves the option out where the processor has none."""
    assert encrypts_memory({"CpuOptions": options}) is result


@pytest.mark.parametrize(
    ("endpoint", "tokens", "result"),
    [
        ("enabled", "required", True),
        ("enabled", "optional", False),
        ("disabled", "optional", True),
    ],
)
def test_metadata_take_a_token_or_are_off(endpoint: str, tokens: str, result: bool) -> None:
    """What is off gives nothing away."""
    assert requires_token({"MetadataOptions": {"HttpEndpoint": endpoint, "HttpTokens": tokens}}) is result


def test_a_state_of_metadata_that_nobody_knows_is_no_answer() -> None:
    """A new word proves nothing."""
    with pytest.raises(ValueError, match="maybe"):
        requires_token({"MetadataOptions": {"HttpEndpoint": "enabled", "HttpTokens": "maybe"}})


def test_the_setting_of_metadata_is_that_of_the_machine(read: Read, client: Client) -> None:
    """Turning it on shows in the next run."""
    ec2 = client("ec2")
    (name,) = start(ec2)

    before = read(COLLECTOR).facts(MachineMetadata)
    ec2.modify_instance_metadata_options(InstanceId=name, HttpTokens="required", HttpEndpoint="enabled")
    after = read(COLLECTOR).facts(MachineMetadata)

    assert [each.token_required for each in (*before, *after)] == [False, True]
