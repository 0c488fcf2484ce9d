"""azure.security_groups"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.security_groups import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.network import NetworkGuard
from collectors.testing import Reading

Read = Callable[[Collector], Reading]

SUBNET = {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/n/subnets/web"}
DENY_ALL = {
    "name": "DenyAllInBound",
    "properties": {
        "access": "Deny",
        "direction": "Inbound",
        "protocol": "*",
        "priority": 65500,
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "*",
    },
}


def rule(**said: Any) -> dict[str, Any]:
    """A rule that lets everybody reach SSH, unless said otherwise."""
    known = {"access": "Allow", "protocol": "Tcp", "priority": 100, "destinationPortRange": "22"}
    return {"name": "it", "properties": {**DENY_ALL["properties"], **known, **said}}  # type: ignore[dict-item]


def group(estate: AzureEstate, name: str, *rules: dict[str, Any], **said: Any) -> None:
    """A group before a subnet."""
    known = {"securityRules": list(rules), "defaultSecurityRules": [DENY_ALL], "subnets": [SUBNET]}
    estate.put(f"net/Microsoft.Network/networkSecurityGroups/{name}", properties={**known, **said})


def test_a_subscription_without_groups_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(NetworkGuard) == []
    assert [(listing.kind, listing.items) for listing in reading.page.listings] == [("azure.network.security_group", 0)]


def test_rules_become_doors(read: Read, estate: AzureEstate) -> None:
    """Those of the company are weighed against each other and against those of Azure."""
    group(estate, "open", rule())
    group(estate, "shut", rule(access="Deny"), rule(priority=200))
    group(estate, "empty")

    reading = read(COLLECTOR)

    assert reading.fact(NetworkGuard, "open").doors == ("tcp/22 0.0.0.0/0", "tcp/22 ::/0")
    assert reading.fact(NetworkGuard, "shut").doors == ()
    assert reading.fact(NetworkGuard, "empty").doors == ()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, True),
        ({"subnets": [], "networkInterfaces": [SUBNET]}, True),
        ({"subnets": []}, False),
        ({"subnets": None}, False),
    ],
)
def test_a_group_stands_before_subnets_and_interfaces(
    read: Read, estate: AzureEstate, said: dict[str, Any], expected: bool
) -> None:
    """Or before nothing."""
    group(estate, "it", **said)

    assert read(COLLECTOR).fact(NetworkGuard, "it").attached is expected


def test_a_rule_that_is_not_understood_leaves_its_group_unread(read: Read, estate: AzureEstate) -> None:
    """Its neighbor is known, and so is where it stands."""
    group(estate, "odd", rule(protocol="Smoke"))
    group(estate, "good", rule())

    reading = read(COLLECTOR)

    odd = reading.fact(NetworkGuard, "odd")
    assert isinstance(odd.doors, Unread)
    assert odd.doors.operation == "Microsoft.Network:networkSecurityGroups"
    assert odd.doors.permission == "Microsoft.Network/networkSecurityGroups/read"
    assert odd.attached is True
    assert reading.fact(NetworkGuard, "good").doors


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """What the first page held is kept, and the population is not known."""
    for name in "abc":
        group(estate, name)
    estate.faults.append(Fault(r"GET /.*/networkSecurityGroups\?", after=1))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(NetworkGuard)] == ["a", "b"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "azure.network.security_group")
    assert estate.writes == []
