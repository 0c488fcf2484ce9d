"""Network interfaces: the groups that stand before them, the addresses they have, and the subnets they are in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from ipaddress import ip_address

from collectors.address_sets import SIX, networks
from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws import subnets
from collectors.aws.security_rules import doors, prefix_lists
from collectors.aws.session import Reader
from collectors.aws.subnets import ROUTES, SUBNET, routes_uid, table_of, through_gateway
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.network import NetworkGuard, NetworkSubnets, PublicAddress, SubnetAddresses

GROUP = Kind("aws.ec2.security_group", "ec2", "DescribeSecurityGroups", items="SecurityGroups")
PREFIX_LIST = Kind("aws.ec2.prefix_list_entries", "ec2", "GetManagedPrefixListEntries", items="Entries")
INTERFACE = Kind("aws.ec2.network_interface", "ec2", "DescribeNetworkInterfaces", items="NetworkInterfaces")
ADDRESS = Kind(
    "aws.ec2.address",
    "ec2",
    "DescribeAddresses",
    items="Addresses",
    # Addresses come from both listings, so all of them are known when both were read to their end.
    within=INTERFACE,
)


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every group with the prefix lists that it names, every interface and every address that was set aside."""
    yield Then(interfaces, (), INTERFACE.operation)
    yield Then(subnets.fetch, (), SUBNET.operation)
    yield Then(set_aside, (), ADDRESS.operation)
    asked: set[str] = set()
    for group in aws.listing(GROUP):
        yield aws.document(GROUP, aws.arn("ec2", f"security-group/{group['GroupId']}"), group)
        for id_ in prefix_lists(group):
            if id_ not in asked:
                asked.add(id_)
                yield Then(entries, (id_,), f"{id_}/{PREFIX_LIST.operation}")


def entries(aws: Reader, id_: str) -> Iterator[Document]:
    """The networks in one prefix list, whoever made it."""
    yield from aws.gather(PREFIX_LIST, list_uid(aws.partition, aws.region, id_), PrefixListId=id_)


def interfaces(aws: Reader) -> Iterator[Document | Then]:
    """Every interface, and the routes of the region if there is any: nothing is reached where nothing stands."""
    asked = False
    for each in aws.listing(INTERFACE):
        yield aws.document(INTERFACE, aws.arn("ec2", f"network-interface/{each['NetworkInterfaceId']}"), each)
        if not asked:
            asked = True
            yield Then(subnets.routes, (), ROUTES.operation)


def set_aside(aws: Reader) -> Iterator[Document]:
    """Every address that the account set aside."""
    for each in aws.listing(ADDRESS):
        # An address of the oldest kind, from before there were VPCs, has no id.
        id_ = each.get("AllocationId") or each["PublicIp"]
        yield aws.document(ADDRESS, aws.arn("ec2", f"elastic-ip/{id_}"), each)


def list_uid(partition: str, region: str, id_: str) -> str:
    """Stands for a prefix list, whose owner nobody needs to know."""
    return f"arn:{partition}:ec2:{region}::prefix-list/{id_}"


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per group, one per public address, and what is asked of subnets."""
    yield from subnets.subnets(docs, INTERFACE)
    first: dict[str, Document] = {}
    for interface in sorted(docs.of(INTERFACE), key=lambda each: each.uid):
        for id_ in groups_before(interface.body):
            first.setdefault(f"{interface.region}/{id_}", interface)
    malformed = _malformed(docs)
    for group in docs.of(GROUP):
        behind = first.get(f"{group.region}/{group.body['GroupId']}")
        yield _guard(docs, group, behind, docs.complete(INTERFACE, group.region) or malformed.get(group.region))
    kept: set[str] = set()
    for address in docs.of(ADDRESS):
        kept.add(str(address.body.get("PublicIp")))
        yield _set_aside(docs, address)
    for interface in docs.of(INTERFACE):
        yield from _lent(docs, interface, kept)


def _guard(docs: Documents, group: Document, behind: Document | None, unread: Unread | None) -> NetworkGuard:
    """One interface settles that the group is in use; without it, whatever is unread might have been one."""
    return NetworkGuard(
        resource=docs.resource("network_guard", group.uid, str(group.body["GroupName"]), group.region),
        documents=docs.about(group.uid, *([behind] if behind else [])),
        attached=True if behind else unread or False,
        doors=_doors(docs, group),
    )


def groups_before(body: Body) -> tuple[str, ...]:
    """Ids of the groups that an interface names; none where the answer does not say, see `_malformed`."""
    return tuple(str(each["GroupId"]) for each in body.get("Groups") or ())


def _malformed(docs: Documents) -> dict[str, Unread]:
    """By region, why the groups of some interface are not known.  Those of an interface without any are empty."""
    read = ((each.region, docs.field(INTERFACE, each, lambda body: len(body["Groups"]))) for each in docs.of(INTERFACE))
    return {region: found for region, found in read if isinstance(found, Unread)}


def _doors(docs: Documents, group: Document) -> tuple[str, ...] | Unread:
    named = docs.field(GROUP, group, prefix_lists)
    if isinstance(named, Unread):
        return named
    lists: dict[str, list[str]] = {}
    for id_ in named:
        uid = list_uid(docs.partition, group.region, id_)
        found = docs.value(PREFIX_LIST, uid, lambda body: [str(each["Cidr"]) for each in body["Entries"]])
        if isinstance(found, Unread):
            return found
        lists[id_] = found
    return docs.field(GROUP, group, partial(doors, lists=lists))


def _set_aside(docs: Documents, address: Document) -> PublicAddress:
    return PublicAddress(
        resource=docs.resource("public_address", address.uid, name_of(address.body), address.region),
        documents=docs.about(address.uid),
        address=docs.field(ADDRESS, address, lambda body: str(body["PublicIp"])),
        in_use=docs.field(ADDRESS, address, is_associated),
    )


def is_associated(body: Body) -> bool:
    """Something has the address.  AWS leaves out what an address does not have, and none is without its number."""
    if "PublicIp" not in body:
        raise KeyError("PublicIp")
    return any(body.get(each) for each in ("AssociationId", "InstanceId", "NetworkInterfaceId"))


def name_of(body: Body) -> str:
    """What people call an address: its Name tag, or else the address."""
    names = {tag["Key"]: tag["Value"] for tag in body.get("Tags") or ()}
    return str(names.get("Name") or body.get("PublicIp"))


def _lent(docs: Documents, interface: Document, kept: set[str]) -> Iterator[PublicAddress]:
    """The addresses of an interface that nobody set aside: they come and go with it."""
    for found in sorted(lent(interface.body) - kept):
        yield _address(docs, interface, found, in_use=True)
    for found in six(interface.body):
        in_use = docs.value(
            ROUTES,
            routes_uid(docs.partition, interface.region, docs.account),
            partial(is_routed, interface=interface.body),
        )
        yield _address(docs, interface, found, in_use=in_use)


def _address(docs: Documents, interface: Document, found: str, *, in_use: bool | Unread) -> PublicAddress:
    return PublicAddress(
        resource=docs.resource("public_address", f"{interface.uid}/{found}", found, interface.region),
        documents=docs.about(interface.uid),
        address=found,
        in_use=in_use,
    )


def lent(body: Body) -> set[str]:
    """Public addresses of version 4, of each private address of the interface."""
    places = [body, *(body.get("PrivateIpAddresses") or ())]
    found = {str((each.get("Association") or {}).get("PublicIp") or "") for each in places}
    return found - {""}


def six(body: Body) -> tuple[str, ...]:
    """Addresses of version 6 that belong to the internet, which private networks can have as well."""
    found = (str(each["Ipv6Address"]) for each in body.get("Ipv6Addresses") or ())
    return tuple(each for each in found if networks(SIX, ((int(ip_address(each)), int(ip_address(each))),)))


def is_routed(body: Body, interface: Body) -> bool:
    """The internet can reach the subnet of an interface by version 6: its route table names an internet gateway."""
    return any(
        route.get("DestinationIpv6CidrBlock") or route.get("DestinationPrefixListId")
        for route in through_gateway(table_of(body, interface))
    )


COLLECTOR = Collector(
    id="aws.network_interfaces",
    title="Security groups, public addresses and subnets",
    scope="region",
    kinds=(GROUP, PREFIX_LIST, INTERFACE, ADDRESS, ROUTES, SUBNET),
    emits={NetworkGuard: GROUP, PublicAddress: ADDRESS, SubnetAddresses: SUBNET, NetworkSubnets: SUBNET},
    source="Amazon EC2 API 2016-11-15",
    fetch=fetch,
    shape=shape,
)
