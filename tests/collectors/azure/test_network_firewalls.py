"""azure.network_firewalls"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.network_firewalls import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.network import NetworkFirewall
from collectors.testing import Reading

Read = Callable[[Collector], Reading]


def firewall(estate: AzureEstate, name: str, **said: Any) -> None:
    """A firewall."""
    estate.put(f"net/Microsoft.Network/azureFirewalls/{name}", properties=said)


def policy(estate: AzureEstate, name: str, **said: Any) -> dict[str, str]:
    """A policy, and how a firewall refers to it."""
    return {"id": estate.put(f"net/Microsoft.Network/firewallPolicies/{name}", properties=said).upper()}


def found(reading: Reading) -> dict[str, bool | Unread]:
    """What is said of each firewall."""
    return {each.resource.name: each.stops_known_attackers for each in reading.facts(NetworkFirewall)}


def test_a_subscription_without_firewalls_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert found(reading) == {}
    assert [listing.items for listing in reading.page.listings] == [0, 0]


def test_a_policy_takes_the_place_of_own_settings(read: Read, estate: AzureEstate) -> None:
    """Only refusal stops anybody, and a firewall that says nothing only notes."""
    firewall(estate, "alone", threatIntelMode="Deny")
    firewall(estate, "notes", threatIntelMode="Alert")
    firewall(estate, "silent")
    firewall(estate, "strict", firewallPolicy=policy(estate, "p1", threatIntelMode="Deny"), threatIntelMode="Off")
    firewall(estate, "mild", firewallPolicy=policy(estate, "p2"), threatIntelMode="Deny")

    assert found(read(COLLECTOR)) == {
        "alone": True,
        "notes": False,
        "silent": False,
        "strict": True,
        "mild": False,
    }


def test_a_mode_that_nobody_knows_is_unread(read: Read, estate: AzureEstate) -> None:
    """It may mean anything."""
    firewall(estate, "odd", threatIntelMode="Sometimes")

    assert isinstance(found(read(COLLECTOR))["odd"], Unread)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_unread_policies_leave_exactly_their_firewalls_open(read: Read, estate: AzureEstate, kind: str) -> None:
    """One without a policy says for itself what it does."""
    firewall(estate, "alone", threatIntelMode="Deny")
    firewall(estate, "led", firewallPolicy=policy(estate, "p", threatIntelMode="Deny"))
    estate.faults.append(Fault(r"GET /.*/firewallPolicies\?", kind=kind))

    said = found(read(COLLECTOR))

    assert said["alone"] is True
    assert isinstance(said["led"], Unread)
    assert said["led"].permission == "Microsoft.Network/firewallPolicies/read"


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """The second page is refused."""
    for name in ("a", "b", "c"):
        firewall(estate, name)
    estate.faults.append(Fault(r"GET /.*/azureFirewalls\?", after=1))

    reading = read(COLLECTOR)

    assert len(found(reading)) == 2
    assert [gap.reason for gap in reading.page.gaps] == [Reason.PARTIAL_LISTING]
