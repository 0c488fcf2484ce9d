"""aws.network_interfaces"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.api import Document
from collectors.aws.network_interfaces import (
    ADDRESS,
    COLLECTOR,
    GROUP,
    INTERFACE,
    is_associated,
    is_routed,
    lent,
    six,
)
from collectors.aws.subnets import ROUTES, routes_uid
from collectors.documents import Documents
from collectors.facts.core import Unread
from collectors.facts.network import NetworkGuard, PublicAddress
from collectors.provenance import Gap, Identity
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

EVERYBODY = [{"CidrIp": "0.0.0.0/0"}]


def make_group(client: Client, name: str, *rules: dict[str, Any]) -> str:
    """A group in the network that AWS makes; the value is its id."""
    ec2 = client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    if rules:
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=list(rules))
    return str(group)


def put_before(client: Client, *groups: str) -> str:
    """An interface with these groups; the value is its id."""
    subnet = client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    made = client("ec2").create_network_interface(SubnetId=subnet, Groups=list(groups))
    return str(made["NetworkInterface"]["NetworkInterfaceId"])


def ssh(**sources: Any) -> dict[str, Any]:
    """A rule for port 22."""
    return {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, **sources}


def test_a_region_where_nothing_was_made_has_its_own_group_alone(read: Read) -> None:
    """AWS makes a group for each network; it stands before nothing, and there is no address."""
    reading = read(COLLECTOR)
    (guard,) = reading.facts(NetworkGuard)

    assert (guard.resource.name, guard.attached, guard.doors) == ("default", False, ())
    assert reading.facts(PublicAddress) == []
    assert [reading.documents.complete(kind, "us-east-1") for kind in (GROUP, ADDRESS)] == [None, None]
    assert reading.operations() == {
        "ec2:DescribeSecurityGroups", "ec2:DescribeNetworkInterfaces", "ec2:DescribeAddresses", "ec2:DescribeSubnets",
    }  # fmt: skip


def test_rules_become_doors(read: Read, client: Client) -> None:
    """Networks of version 4 and 6 are told apart, and one interface is enough to be attached."""
    group = make_group(client, "open", ssh(IpRanges=EVERYBODY, Ipv6Ranges=[{"CidrIpv6": "::/0"}]))
    put_before(client, group)
    make_group(client, "spare", ssh(IpRanges=[{"CidrIp": "203.0.113.0/24"}]))

    reading = read(COLLECTOR)
    used, spare = reading.fact(NetworkGuard, "open"), reading.fact(NetworkGuard, "spare")

    assert used.resource.uid == f"arn:aws:ec2:us-east-1:123456789012:security-group/{group}"
    assert (used.attached, used.doors) == (True, ("tcp/22 0.0.0.0/0", "tcp/22 ::/0"))
    assert {reference.kind for reference in used.documents} == {GROUP.name, INTERFACE.name}
    assert (spare.attached, spare.doors) == (False, ("tcp/22 203.0.113.0/24",))


def test_a_prefix_list_is_read_once(read: Read, client: Client, faults: Faults) -> None:
    """Its networks stand in the place of its name; unread, it leaves the doors of its groups unknown."""
    made = client("ec2").create_managed_prefix_list(
        PrefixListName="offices", AddressFamily="IPv4", MaxEntries=2, Entries=[{"Cidr": "198.51.100.0/24"}]
    )["PrefixList"]["PrefixListId"]
    for name in ("one", "two"):
        make_group(client, name, ssh(PrefixListIds=[{"PrefixListId": made}]))

    reading = read(COLLECTOR)
    faults.deny.add("ec2:GetManagedPrefixListEntries")
    unread = read(COLLECTOR).fact(NetworkGuard, "one").doors

    assert reading.fact(NetworkGuard, "two").doors == ("tcp/22 198.51.100.0/24",)
    assert len([call for call in reading.page.calls if call.operation == "GetManagedPrefixListEntries"]) == 1
    assert isinstance(unread, Unread)
    assert unread.permission == "ec2:GetManagedPrefixListEntries"


def test_addresses_that_were_set_aside_and_those_that_come_with_an_interface(read: Read, client: Client) -> None:
    """An address that was set aside is told once, whatever has it."""
    ec2 = client("ec2")
    idle = ec2.allocate_address(Domain="vpc")
    busy = ec2.allocate_address(Domain="vpc")
    interface = put_before(client, make_group(client, "some"))
    ec2.associate_address(AllocationId=busy["AllocationId"], NetworkInterfaceId=interface)

    found = {each.address: each for each in read(COLLECTOR).facts(PublicAddress)}

    assert set(found) == {idle["PublicIp"], busy["PublicIp"]}
    assert found[idle["PublicIp"]].in_use is False
    assert found[busy["PublicIp"]].in_use is True
    assert found[busy["PublicIp"]].resource.uid.endswith(f"elastic-ip/{busy['AllocationId']}")


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_lost_interfaces_leave_unknown_what_is_in_use(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """What the groups let in stays known; which addresses there are does not."""
    make_group(client, "open", ssh(IpRanges=EVERYBODY))
    getattr(faults, fault).add("ec2:DescribeNetworkInterfaces")

    reading = read(COLLECTOR)
    guard = reading.fact(NetworkGuard, "open")
    unread = reading.documents.complete(ADDRESS, "us-east-1")

    assert isinstance(guard.attached, Unread)
    assert guard.attached.permission == "ec2:DescribeNetworkInterfaces"
    assert guard.doors == ("tcp/22 0.0.0.0/0",)
    assert unread is not None
    assert unread.operation == "ec2:DescribeNetworkInterfaces"


@pytest.mark.parametrize(("operation", "kind"), [("DescribeSecurityGroups", GROUP), ("DescribeAddresses", ADDRESS)])
def test_a_denied_listing_leaves_its_own_population_unknown(
    read: Read, faults: Faults, operation: str, kind: Any
) -> None:
    """And none but that."""
    faults.deny.add(f"ec2:{operation}")

    documents = read(COLLECTOR).documents
    lost = {each.name: documents.complete(each, "us-east-1") for each in (GROUP, ADDRESS)}

    assert [name for name, unread in lost.items() if unread] == [kind.name]
    assert lost[kind.name].permission == f"ec2:{operation}"  # type: ignore[union-attr]


def interface(**more: Any) -> dict[str, Any]:
    """An interface as AWS answers it."""
    return {"NetworkInterfaceId": "eni-1", "VpcId": "vpc-1", "SubnetId": "subnet-1", "Groups": [], **more}


def table(subnet: str | None, *routes: dict[str, Any], vpc: str = "vpc-1") -> dict[str, Any]:
    """A route table of a subnet, or the main one."""
    association = {"Main": False, "SubnetId": subnet} if subnet else {"Main": True}
    return {"VpcId": vpc, "Associations": [association], "Routes": list(routes)}


OUT = {"DestinationIpv6CidrBlock": "::/0", "GatewayId": "igw-1"}
OUT_ONLY = {"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1"}
FOUR_OUT = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}


@pytest.mark.parametrize(
    ("tables", "routed"),
    [
        ([table(None, OUT)], True),
        ([table(None, OUT_ONLY)], False),
        ([table(None, FOUR_OUT)], False),
        ([table("subnet-1", OUT_ONLY), table(None, OUT)], False),
        ([table("subnet-1", OUT), table(None)], True),
        ([table("subnet-2", OUT), table(None)], False),
        ([table(None), table(None, OUT, vpc="vpc-2")], False),
    ],
)
def test_an_address_of_version_6_answers_where_the_internet_is_routed_to_it(
    tables: list[dict[str, Any]], routed: bool
) -> None:
    """A gateway for the way out alone lets nothing in; a subnet without routes of its own has the main ones."""
    assert is_routed({"RouteTables": tables}, interface()) is routed


def test_a_network_without_routes_is_malformed() -> None:
    """Every network has a main table."""
    with pytest.raises(ValueError, match="unpack"):
        is_routed({"RouteTables": [table(None, OUT, vpc="vpc-2")]}, interface())


def shaped(body: dict[str, Any], *more: Document, gaps: tuple[Gap, ...] = ()) -> list[PublicAddress]:
    """The addresses of one interface."""
    uid = "arn:aws:ec2:us-east-1:123456789012:network-interface/eni-1"
    identity = Identity("aws", "123456789012", "arn:aws:iam::123456789012:user/reader", "aws")
    documents = (Document(INTERFACE.name, uid, "us-east-1", body), *more)
    docs = Documents(COLLECTOR, identity, ("us-east-1",), documents, gaps)
    return [each for each in COLLECTOR.shape(docs) if isinstance(each, PublicAddress)]


def test_an_interface_has_every_address_that_it_was_lent() -> None:
    """Each of its private addresses may have a public one."""
    lends = {"Association": {"PublicIp": "198.51.100.1"}}
    also = {"Association": {"PublicIp": "198.51.100.2"}}
    body = interface(**lends, PrivateIpAddresses=[lends, also, {"PrivateIpAddress": "10.0.0.5"}])

    found = shaped(body)

    assert lent(interface()) == set()
    assert [(each.address, each.in_use) for each in found] == [("198.51.100.1", True), ("198.51.100.2", True)]
    assert len({each.resource.uid for each in found}) == 2


def test_an_address_of_version_6_needs_the_routes() -> None:
    """Without them nobody knows whether it answers; a private one never does."""
    body = interface(Ipv6Addresses=[{"Ipv6Address": "2600:1f18::5"}, {"Ipv6Address": "fd00::5"}])
    uid = routes_uid("aws", "us-east-1", "123456789012")
    tables = Document(ROUTES.name, uid, "us-east-1", {"RouteTables": [table(None, OUT)]})

    (routed,), (unknown,) = shaped(body, tables), shaped(body)

    assert six(body) == ("2600:1f18::5",)
    assert (routed.address, routed.in_use) == ("2600:1f18::5", True)
    assert isinstance(unknown.in_use, Unread)
    assert unknown.in_use.permission == "ec2:DescribeRouteTables"


def test_an_interface_that_does_not_name_its_groups_leaves_them_unknown() -> None:
    """It might have been the one behind any of them."""
    group = {"GroupId": "sg-1", "GroupName": "web", "IpPermissions": []}
    uid = "arn:aws:ec2:us-east-1:123456789012:security-group/sg-1"
    body = interface()
    del body["Groups"]
    identity = Identity("aws", "123456789012", "arn:aws:iam::123456789012:user/reader", "aws")
    documents = (
        Document(GROUP.name, uid, "us-east-1", group),
        Document(INTERFACE.name, "eni", "us-east-1", body),
    )

    (guard,) = COLLECTOR.shape(Documents(COLLECTOR, identity, ("us-east-1",), documents))

    assert isinstance(guard, NetworkGuard)
    assert isinstance(guard.attached, Unread)
    assert guard.doors == ()


def test_an_address_without_its_number_is_malformed() -> None:
    """AWS leaves out what is not there, but never that."""
    assert is_associated({"PublicIp": "198.51.100.1", "InstanceId": "i-1"}) is True
    assert is_associated({"PublicIp": "198.51.100.1"}) is False
    with pytest.raises(KeyError):
        is_associated({})
