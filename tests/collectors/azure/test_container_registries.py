"""azure.container_registries"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.container_registries import COLLECTOR
from collectors.facts.apps import Registry
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import DataEndpoint
from collectors.testing import Reading

Read = Callable[[Collector], Reading]


def registry(estate: AzureEstate, name: str, **said: Any) -> None:
    """A registry as Azure makes it, but for what is said."""
    known = {"adminUserEnabled": False, "loginServer": f"{name}.azurecr.io", **said}
    estate.put(f"run/Microsoft.ContainerRegistry/registries/{name}", properties=known)


def test_a_subscription_without_registries_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(Registry) == []
    assert reading.facts(DataEndpoint) == []
    assert [listing.items for listing in reading.page.listings] == [0]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, ("0.0.0.0/0", "::/0")),
        ({"publicNetworkAccess": "Enabled", "networkRuleSet": {"defaultAction": "Allow"}}, ("0.0.0.0/0", "::/0")),
        ({"publicNetworkAccess": "Disabled"}, ()),
        ({"networkRuleSet": {"defaultAction": "Deny", "ipRules": []}}, ()),
        (
            {"networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"action": "Allow", "value": "203.0.113.7"}]}},
            ("203.0.113.7/32",),
        ),
    ],
)
def test_who_reaches_a_registry(
    read: Read, estate: AzureEstate, said: dict[str, Any], expected: tuple[str, ...]
) -> None:
    """Everybody, unless it is closed or has rules."""
    registry(estate, "it", **said)

    endpoint = read(COLLECTOR).fact(DataEndpoint, "it")

    assert endpoint.open_ranges == expected
    assert (endpoint.service, endpoint.requires_tls, endpoint.minimum_tls, endpoint.admits_provider) == (
        "container registry",
        True,
        "1.2",
        False,
    )


def test_private_endpoints_that_were_approved_count(read: Read, estate: AzureEstate) -> None:
    """One that waits does not."""
    states = [
        {"properties": {"privateLinkServiceConnectionState": {"status": each}}} for each in ("Approved", "Pending")
    ]
    registry(estate, "it", privateEndpointConnections=states)
    registry(estate, "none")

    reading = read(COLLECTOR)

    assert reading.fact(DataEndpoint, "it").private_endpoints == 1
    assert reading.fact(DataEndpoint, "none").private_endpoints == 0


def test_who_enters_without_a_name(read: Read, estate: AzureEstate) -> None:
    """Through the shared account, or without any."""
    registry(estate, "shared", adminUserEnabled=True)
    registry(estate, "open", anonymousPullEnabled=True)

    reading = read(COLLECTOR)

    found = {each.resource.name: (each.shared_account, each.anonymous_pull) for each in reading.facts(Registry)}
    assert found == {"shared": (True, False), "open": (False, True)}


def test_what_is_garbled_is_unread_by_itself(read: Read, estate: AzureEstate) -> None:
    """Other fields of the same registry are known."""
    estate.put("run/Microsoft.ContainerRegistry/registries/odd", properties={"publicNetworkAccess": "Disabled"})

    reading = read(COLLECTOR)

    shared = reading.fact(Registry, "odd").shared_account
    assert isinstance(shared, Unread)
    assert shared.operation == "Microsoft.ContainerRegistry:registries"
    assert shared.permission == "Microsoft.ContainerRegistry/registries/read"
    assert reading.fact(DataEndpoint, "odd").open_ranges == ()


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """What the first page held is kept, and the population is not known."""
    for name in "abc":
        registry(estate, name)
    estate.faults.append(Fault(r"GET /.*/registries\?", after=1))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(Registry)] == ["a", "b"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "azure.containerregistry.registry")
    assert estate.writes == []
