"""Subnets of the account's own networks, and the routes by which the internet reaches what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from collectors.api import Body, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.network import NetworkSubnets, SubnetAddresses

SUBNET = Kind(
    "aws.ec2.subnet", "ec2", "DescribeSubnets", items="Subnets", volatile=("AvailableIpAddressCount", "State")
)
ROUTES = Kind("aws.ec2.route_tables", "ec2", "DescribeRouteTables", items="RouteTables")

INTERNET_GATEWAY = "igw-"
Uses = dict[tuple[str, str], Document]
"""One interface in each subnet that has any, by region and id of the subnet."""


def fetch(aws: Reader) -> Iterator[Document]:
    """Every subnet that the account owns; one that another account shares is left to that account."""
    own = [{"Name": "owner-id", "Values": [aws.account]}]
    for subnet in aws.listing(SUBNET, Filters=own):
        yield aws.document(SUBNET, aws.arn("ec2", f"subnet/{subnet['SubnetId']}"), subnet)


def routes(aws: Reader) -> Iterator[Document]:
    """Every route table of the region."""
    yield from aws.gather(ROUTES, routes_uid(aws.partition, aws.region, aws.account))


def routes_uid(partition: str, region: str, account: str) -> str:
    """Stands for the route tables of a region."""
    return f"arn:{partition}:ec2:{region}:{account}:route-tables"


def subnets(docs: Documents, interfaces: Kind) -> Iterator[Fact]:
    """One fact per subnet, and one per network that has any.  `interfaces` is the kind of what stands in them."""
    uses: Uses = {}
    for each in sorted(docs.of(interfaces), key=lambda each: each.uid):
        uses.setdefault((each.region, str(each.body.get("SubnetId"))), each)
    networks: dict[str, list[Document]] = {}
    for subnet in sorted(docs.of(SUBNET), key=lambda each: each.uid):
        user = _user(subnet, uses)
        network = f"arn:{docs.partition}:ec2:{subnet.region}:{docs.account}:vpc/{subnet.body['VpcId']}"
        networks.setdefault(network, []).append(subnet)
        yield SubnetAddresses(
            resource=docs.resource("subnet", subnet.uid, name_of(subnet.body), subnet.region),
            documents=docs.about(subnet.uid, *([user] if user else [])),
            in_use=True if user else docs.complete(interfaces, subnet.region) or False,
            given=docs.field(SUBNET, subnet, gives_addresses),
        )
    for uid, parts in networks.items():
        yield _network(docs, uid, parts, uses, docs.complete(interfaces, parts[0].region))


def _user(subnet: Document, uses: Uses) -> Document | None:
    return uses.get((subnet.region, str(subnet.body["SubnetId"])))


def _network(docs: Documents, uid: str, parts: list[Document], uses: Uses, unlisted: Unread | None) -> NetworkSubnets:
    users = [user for each in parts if (user := _user(each, uses))]
    tables = routes_uid(docs.partition, parts[0].region, docs.account)
    apart: list[str] = []
    unread: Unread | None = None
    for each in parts:
        leads = docs.value(ROUTES, tables, partial(is_public, subnet=each.body))
        if isinstance(leads, Unread):
            unread = leads
        elif not leads:
            apart.append(name_of(each.body))
    if unlisted is not None and not users:
        unread = unlisted  # routes are asked for once something stands in a subnet
    return NetworkSubnets(
        resource=docs.resource("network", uid, uid.rpartition("/")[2], parts[0].region),
        documents=docs.about(uid, *parts, *users, *(each for each in docs.of(ROUTES) if users and each.uid == tables)),
        in_use=True if users else unlisted or False,
        private=unread or tuple(apart),
    )


def name_of(body: Body) -> str:
    """What people call a subnet: its Name tag, or else its id."""
    names = {tag["Key"]: tag["Value"] for tag in body.get("Tags") or ()}
    return str(names.get("Name") or body["SubnetId"])


def gives_addresses(body: Body) -> bool:
    """Each machine that starts in it gets a public address of version 4 unless it asks for none."""
    return bool(body["MapPublicIpOnLaunch"])


def table_of(body: Body, place: Body) -> Body:
    """The route table of a subnet: its own, or else the main one of its network.  Raises ValueError without any."""
    tables = [each for each in body["RouteTables"] if each["VpcId"] == place["VpcId"]]
    own = [table for table in tables for each in table["Associations"] if each.get("SubnetId") == place["SubnetId"]]
    main = [table for table in tables for each in table["Associations"] if each.get("Main")]
    (table,) = own or main
    return dict(table)


def through_gateway(table: Body) -> Iterable[Body]:
    """The routes that lead to an internet gateway, by which requests come in too."""
    return (route for route in table["Routes"] if str(route.get("GatewayId") or "").startswith(INTERNET_GATEWAY))


def is_public(body: Body, subnet: Body) -> bool:
    """The internet can reach what stands in a subnet, once it has a public address."""
    return any(through_gateway(table_of(body, subnet)))
