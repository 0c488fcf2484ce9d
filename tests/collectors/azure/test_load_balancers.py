"""azure.load_balancers"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.load_balancers import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.network import LoadBalancer, PublicAddress
from collectors.testing import Reading

Read = Callable[[Collector], Reading]


def balancer(estate: AzureEstate, name: str, *fronts: dict[str, Any]) -> None:
    """A balancer with these frontends."""
    said = {"frontendIPConfigurations": list(fronts)} if fronts else {}
    estate.put(f"net/Microsoft.Network/loadBalancers/{name}", properties=said)


def inside(*zones: str) -> dict[str, Any]:
    """A frontend within a network."""
    return {"name": "in", "properties": {"privateIPAddress": "10.0.0.4"}, **({"zones": list(zones)} if zones else {})}


def outside(address: str) -> dict[str, Any]:
    """A frontend with a public address."""
    return {"name": "out", "properties": {"publicIPAddress": {"id": address.upper()}}}


def address(estate: AzureEstate, name: str, *zones: str, **said: Any) -> str:
    """A public address."""
    more = {"zones": list(zones)} if zones else {}
    return estate.put(f"net/Microsoft.Network/publicIPAddresses/{name}", properties=said, **more)


def test_a_subscription_without_any_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(LoadBalancer) == []
    assert reading.facts(PublicAddress) == []
    assert {(listing.kind, listing.items) for listing in reading.page.listings} == {
        ("azure.network.load_balancer", 0),
        ("azure.network.public_address", 0),
    }


def test_the_frontend_with_the_fewest_zones_counts(read: Read, estate: AzureEstate) -> None:
    """A public one has the zones of its address; what has none lies in one place."""
    wide, narrow = address(estate, "wide", "1", "2", "3"), address(estate, "narrow")
    balancer(estate, "public", outside(wide))
    balancer(estate, "mixed", inside("1", "2", "3"), outside(wide), outside(narrow))
    balancer(estate, "private", inside("1", "2"))
    balancer(estate, "plain", inside())
    balancer(estate, "empty")

    reading = read(COLLECTOR)

    facts = {each.resource.name: (each.internet_facing, each.zones) for each in reading.facts(LoadBalancer)}
    assert facts == {
        "public": (True, 3),
        "mixed": (True, 1),
        "private": (False, 2),
        "plain": (False, 1),
        "empty": (False, 1),
    }
    assert {each.access_logged for each in reading.facts(LoadBalancer)} == {None}
    assert ("azure.network.public_address", wide.lower()) in {
        (ref.kind, ref.uid) for ref in reading.fact(LoadBalancer, "public").documents
    }


def test_addresses_and_what_uses_them(read: Read, estate: AzureEstate) -> None:
    """One that only leads out answers to nobody; a dynamic one is not always there."""
    used = {"id": "/subscriptions/s/x"}
    address(estate, "used", ipAddress="203.0.113.7", ipConfiguration=used)
    address(estate, "spare", ipAddress="203.0.113.8")
    address(estate, "out", ipAddress="203.0.113.9", natGateway=used)
    address(estate, "asleep", ipConfiguration=used)

    reading = read(COLLECTOR)

    assert {each.resource.name: (each.address, each.in_use) for each in reading.facts(PublicAddress)} == {
        "used": ("203.0.113.7", True),
        "spare": ("203.0.113.8", False),
        "out": ("203.0.113.9", False),
        "asleep": (None, True),
    }


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_addresses_that_cannot_be_listed_leave_zones_unread(read: Read, estate: AzureEstate, kind: str) -> None:
    """Of public balancers; that they are public is known."""
    balancer(estate, "public", outside(address(estate, "it", "1")))
    balancer(estate, "private", inside("1", "2"))
    estate.faults.append(Fault(r"GET /.*/publicIPAddresses\?", kind=kind))

    reading = read(COLLECTOR)

    public = reading.fact(LoadBalancer, "public")
    assert public.internet_facing is True
    assert isinstance(public.zones, Unread)
    assert public.zones.operation == "Microsoft.Network:publicIPAddresses"
    assert public.zones.permission == "Microsoft.Network/publicIPAddresses/read"
    assert reading.fact(LoadBalancer, "private").zones == 2


def test_an_address_of_another_subscription_is_unread(read: Read, estate: AzureEstate) -> None:
    """It may have any zones."""
    balancer(estate, "it", outside("/subscriptions/other/resourceGroups/g/providers/Microsoft.Network/x/y"))

    zones = read(COLLECTOR).fact(LoadBalancer, "it").zones

    assert isinstance(zones, Unread)
    assert zones.reason is Reason.ACCOUNT_NOT_ONBOARDED


def test_a_garbled_balancer_is_unread_by_itself(read: Read, estate: AzureEstate) -> None:
    """Its neighbor is known."""
    balancer(estate, "odd", {"name": "front"})
    balancer(estate, "good", inside())

    reading = read(COLLECTOR)

    assert isinstance(reading.fact(LoadBalancer, "odd").zones, Unread)
    assert isinstance(reading.fact(LoadBalancer, "odd").internet_facing, Unread)
    assert reading.fact(LoadBalancer, "good").zones == 1


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """What the first page held is kept, and the population is not known."""
    for name in "abc":
        address(estate, name)
    estate.faults.append(Fault(r"GET /.*/publicIPAddresses\?", after=1))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(PublicAddress)] == ["a", "b"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "azure.network.public_address")
    assert estate.writes == []
