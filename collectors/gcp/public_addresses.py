"""Addresses on the internet: those that were set aside, and those that machines and balancers got for a while."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.network import PublicAddress
from collectors.gcp.front_doors import compute, faces_internet, is_front_door
from collectors.gcp.kinds import DISABLED, rest
from collectors.gcp.names import compute_uid, place_of
from collectors.gcp.session import Reader

ADDRESS = compute(
    "gcp.compute.address",
    "addresses.aggregatedList",
    "aggregated/addresses",
    "items.*.addresses",
    "compute.addresses.list",
)
RULE = compute(
    "gcp.compute.address_of_rule",
    "forwardingRules.aggregatedList",
    "aggregated/forwardingRules",
    "items.*.forwardingRules",
    "compute.forwardingRules.list",
    within=ADDRESS,
)
# Each listing is within the one before: the addresses are known only when all three were read to their end.
MACHINE = rest(
    "gcp.compute.address_of_machine",
    "compute",
    "instances.aggregatedList",
    "/compute/v1/projects/{project}/aggregated/instances?maxResults=500&fields=nextPageToken,warning,unreachables,"
    "items/*/warning,items/*/instances(name,selfLink,networkInterfaces(name,accessConfigs,ipv6AccessConfigs))",
    permission="compute.instances.list",
    items="items.*.instances",
    omits_empty=True,
    absent=(DISABLED,),
    within=RULE,
    volatile=("networkInterfaces.fingerprint",),
)
INTERNAL = frozenset({"INTERNAL", "INTERNAL_IP"})


def fetch(gcp: Reader) -> Iterator[Document]:
    """Every address, every rule and every machine of the project."""
    for kind in (ADDRESS, RULE, MACHINE):
        for item in gcp.listing(kind):
            yield gcp.document(kind, compute_uid(item["selfLink"]), item)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per address that was set aside, and one per other address that something has."""
    kept = set()
    # One that may have been set aside is not told by itself: it would be told twice.
    unlisted = docs.complete(ADDRESS, "global")
    for address in docs.of(ADDRESS):
        body = address.body
        if body.get("addressType") in INTERNAL:
            continue
        kept.add(str(body.get("address")))
        yield PublicAddress(
            resource=docs.resource("public_address", address.uid, body["name"], place_of(address.uid)),
            documents=docs.about(address.uid),
            address=docs.field(ADDRESS, address, written),
            in_use=docs.field(
                ADDRESS, address, lambda said: {"IN_USE": True, "RESERVED": False}.get(said["status"], True)
            ),
        )
    for rule in docs.of(RULE):
        found = str(rule.body.get("IPAddress") or "")
        faces = docs.field(
            RULE, rule, lambda said: is_front_door(said) and faces_internet(said.get("loadBalancingScheme"))
        )
        if faces is not False and found not in kept:
            yield PublicAddress(
                resource=docs.resource("public_address", rule.uid, rule.body["name"], place_of(rule.uid)),
                documents=docs.about(rule.uid),
                address=unlisted or docs.field(RULE, rule, lambda said: str(said["IPAddress"])),
                in_use=True,
            )
    for machine in docs.of(MACHINE):
        for number, found in enumerate(lent(machine.body)):
            if found not in kept:
                uid = f"{machine.uid}/addresses/{number}"
                yield PublicAddress(
                    resource=docs.resource("public_address", uid, machine.body["name"], place_of(machine.uid)),
                    documents=docs.about(machine.uid),
                    address=unlisted or found or None,
                    in_use=True,
                )


def written(body: Body) -> str | None:
    """One address, or a network of them; None while there is none."""
    if not body.get("address"):
        return None
    return f"{body['address']}/{body['prefixLength']}" if body.get("prefixLength") else str(body["address"])


def lent(body: Body) -> list[str]:
    """Public addresses of a machine; empty texts for those that it gets when it is started."""
    configs = [
        each
        for interface in body.get("networkInterfaces") or ()
        for each in (*(interface.get("accessConfigs") or ()), *(interface.get("ipv6AccessConfigs") or ()))
    ]
    return [str(each.get("natIP") or each.get("externalIpv6") or "") for each in configs]


COLLECTOR = Collector(
    id="gcp.public_addresses",
    title="Addresses on the internet",
    scope="global",
    kinds=(ADDRESS, RULE, MACHINE),
    emits={PublicAddress: MACHINE},
    source="Compute Engine API v1",
    fetch=fetch,
    shape=shape,
)
