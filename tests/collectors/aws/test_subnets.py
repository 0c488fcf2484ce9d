"""Subnets, as aws.network_interfaces reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.api import Document
from collectors.aws.network_interfaces import COLLECTOR, INTERFACE
from collectors.aws.subnets import ROUTES, SUBNET, is_public, routes_uid
from collectors.documents import Documents
from collectors.facts.core import Unread
from collectors.facts.network import NetworkSubnets, SubnetAddresses
from collectors.provenance import Identity, Listing
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

REGION = "us-east-1"


def build(client: Client, *, public: int, private: int) -> tuple[str, list[str]]:
    """A network with so many subnets of each kind, the first of which holds something; its id and theirs."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    made = []
    for number in range(public + private):
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24")["Subnet"]["SubnetId"]
        made.append(subnet)
        if number < public:
            ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
            ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    ec2.create_network_interface(SubnetId=made[0])
    return vpc, made


def test_subnets_that_hold_something_are_told_apart(read: Read, client: Client) -> None:
    """The setting is each subnet's own, and those of the network that AWS makes hold nothing."""
    _, (public, private) = build(client, public=1, private=1)

    found = {each.resource.name: (each.in_use, each.given) for each in read(COLLECTOR).facts(SubnetAddresses)}

    assert (found.pop(public), found.pop(private)) == ((True, True), (False, False))
    assert {in_use for in_use, _ in found.values()} == {False}


@pytest.mark.parametrize(("public", "private"), [(2, 0), (1, 2), (0, 1)])
def test_a_network_keeps_as_many_subnets_apart_as_have_no_gateway(
    read: Read, client: Client, public: int, private: int
) -> None:
    """Those without a table of their own have the main one, which leads nowhere at first."""
    vpc, made = build(client, public=public, private=private)

    (found,) = (each for each in read(COLLECTOR).facts(NetworkSubnets) if each.resource.name == vpc)

    assert found.resource.uid == f"arn:aws:ec2:us-east-1:123456789012:vpc/{vpc}"
    assert found.in_use is True
    assert isinstance(found.private, tuple)
    assert sorted(found.private) == sorted(made[public:])


def test_where_nothing_stands_no_routes_are_read(read: Read) -> None:
    """The network that AWS makes holds nothing."""
    reading = read(COLLECTOR)

    assert {each.in_use for each in reading.facts(NetworkSubnets)} == {False}
    assert "ec2:DescribeRouteTables" not in reading.operations()
    assert reading.documents.complete(SUBNET, REGION) is None


def test_denied_routes_leave_networks_unread_and_subnets_known(read: Read, client: Client, faults: Faults) -> None:
    """And they say which right is missing."""
    vpc, (subnet,) = build(client, public=1, private=0)
    faults.deny.add("ec2:DescribeRouteTables")

    reading = read(COLLECTOR)
    (network,) = (each for each in reading.facts(NetworkSubnets) if each.resource.name == vpc)
    (part,) = (each for each in reading.facts(SubnetAddresses) if each.resource.name == subnet)

    assert isinstance(network.private, Unread)
    assert network.private.permission == "ec2:DescribeRouteTables"
    assert (part.in_use, part.given) == (True, True)


def test_denied_interfaces_leave_open_what_is_in_use(read: Read, faults: Faults) -> None:
    """Whatever was not seen may stand there."""
    faults.deny.add("ec2:DescribeNetworkInterfaces")

    reading = read(COLLECTOR)

    assert all(isinstance(each.in_use, Unread) for each in reading.facts(SubnetAddresses))
    assert all(isinstance(each.in_use, Unread) for each in reading.facts(NetworkSubnets))


def test_denied_subnets_leave_their_population_unknown(read: Read, faults: Faults) -> None:
    """Nothing is concluded from no answer."""
    faults.deny.add("ec2:DescribeSubnets")

    reading = read(COLLECTOR)
    unlisted = reading.documents.complete(SUBNET, REGION)

    assert reading.facts(SubnetAddresses) == []
    assert unlisted is not None
    assert unlisted.permission == "ec2:DescribeSubnets"


def test_a_subnet_that_does_not_tell_is_unread() -> None:
    """A setting that is missing is neither on nor off, and a network without a table is malformed."""
    subnet = Document(SUBNET.name, "arn:s", REGION, {"SubnetId": "s", "VpcId": "v"})
    interface = Document(INTERFACE.name, "arn:i", REGION, {"SubnetId": "s", "Groups": []})
    tables = Document(ROUTES.name, routes_uid("aws", REGION, "1"), REGION, {"RouteTables": []})
    listed = [Listing(COLLECTOR.id, kind.name, REGION, "", 1, 0) for kind in (SUBNET, INTERFACE)]
    documents = Documents(
        COLLECTOR, Identity("aws", "1", "me", "aws"), (REGION,), [subnet, interface, tables], (), listed
    )
    addresses, network = COLLECTOR.shape(documents)

    assert isinstance(addresses, SubnetAddresses)
    assert isinstance(addresses.given, Unread)
    assert isinstance(network, NetworkSubnets)
    assert isinstance(network.private, Unread)


def test_the_own_table_of_a_subnet_stands_before_the_main_one() -> None:
    """A gateway in the main table does not open a subnet that has routes of its own."""
    out = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}
    main = {"VpcId": "v", "Associations": [{"Main": True}], "Routes": [out]}
    own = {"VpcId": "v", "Associations": [{"Main": False, "SubnetId": "s"}], "Routes": [{"GatewayId": "local"}]}

    assert is_public({"RouteTables": [main, own]}, {"VpcId": "v", "SubnetId": "s"}) is False
    assert is_public({"RouteTables": [main, own]}, {"VpcId": "v", "SubnetId": "t"}) is True
