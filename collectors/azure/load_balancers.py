"""Load balancers of the network, and the public addresses of the subscription."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Reason, Unread
from collectors.facts.network import LoadBalancer, PublicAddress

VERSION = "2023-05-01"

BALANCER = of_subscription("azure.network.load_balancer", "Microsoft.Network/loadBalancers", VERSION)
ADDRESS = of_subscription("azure.network.public_address", "Microsoft.Network/publicIPAddresses", VERSION)
ONE_ZONE = 1
"""What has no zones of its own lies in one place, whichever Azure chose."""


def fetch(azure: Reader) -> Iterator[Document]:
    """Every balancer, then every address."""
    for kind in (BALANCER, ADDRESS):
        for item in azure.listing(kind):
            yield azure.document(kind, uid_of(item), item)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per balancer and one per address."""
    for balancer in docs.of(BALANCER):
        fronts = docs.field(BALANCER, balancer, frontends)
        named = [] if isinstance(fronts, Unread) else [address for _, address in fronts if address]
        yield LoadBalancer(
            resource=docs.resource("load_balancer", balancer.uid, name_of(balancer.body), place_of(balancer.body)),
            documents=docs.about(balancer.uid, *(each for each in docs.of(ADDRESS) if each.uid in named)),
            internet_facing=fronts if isinstance(fronts, Unread) else bool(named),
            zones=fronts if isinstance(fronts, Unread) else _zones(docs, fronts),
            access_logged=None,  # it passes packets on and knows no requests
            deletion_protected=None,  # only a lock does that
        )
    for address in docs.of(ADDRESS):
        yield PublicAddress(
            resource=docs.resource("public_address", address.uid, name_of(address.body), place_of(address.body)),
            documents=docs.about(address.uid),
            # A dynamic address is there only while something uses it.
            address=docs.field(ADDRESS, address, lambda body: properties(body).get("ipAddress") or None),
            # What only leads out, through a NAT gateway, answers to nobody.
            in_use=docs.field(ADDRESS, address, lambda body: bool(properties(body).get("ipConfiguration"))),
        )


def frontends(body: Body) -> list[tuple[int, str]]:
    """Number of zones that each frontend has by itself, and the uid of its public address, or nothing.

    A balancer leaves out its frontends as long as it has none.
    """
    found = []
    for front in properties(body).get("frontendIPConfigurations") or ():
        # One with a prefix of addresses only lets connections out.
        address = (properties(front).get("publicIPAddress") or {}).get("id", "")
        found.append((len(front.get("zones") or ()) or ONE_ZONE, str(address).lower()))
    return found


def _zones(docs: Documents, fronts: list[tuple[int, str]]) -> int | Unread:
    """The zones of the frontend with the fewest; a public one has those of its address."""
    found = [_of_address(docs, address) if address else zones for zones, address in fronts]
    unread = next((each for each in found if isinstance(each, Unread)), None)
    return unread or min((each for each in found if not isinstance(each, Unread)), default=ONE_ZONE)


def _of_address(docs: Documents, uid: str) -> int | Unread:
    if any(each.uid == uid for each in docs.of(ADDRESS)):
        return docs.value(ADDRESS, uid, lambda body: len(body.get("zones") or ()) or ONE_ZONE)
    gap = docs.complete(ADDRESS, "global")
    return gap or Unread(Reason.ACCOUNT_NOT_ONBOARDED, ADDRESS.call, ADDRESS.needs, f"{uid} is not in the listing")


COLLECTOR = Collector(
    id="azure.load_balancers",
    title="Load balancers and public addresses",
    scope="global",
    kinds=(BALANCER, ADDRESS),
    emits={LoadBalancer: BALANCER, PublicAddress: ADDRESS},
    source=f"Azure Network resource provider {VERSION}",
    fetch=fetch,
    shape=shape,
)
