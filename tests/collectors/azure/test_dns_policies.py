"""azure.dns_policies"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.dns_policies import ANSWERS, COLLECTOR, LINKS, LOGS, NETWORK, POLICY
from collectors.facts.core import Reason, Unread
from collectors.facts.network import DnsQueries
from collectors.testing import Reading

Read = Callable[[Collector], Reading]


def network(estate: AzureEstate, name: str) -> str:
    """A network."""
    return estate.put(f"net/Microsoft.Network/virtualNetworks/{name}", properties={"subnets": []})


def policy(estate: AzureEstate, name: str, *networks: str, category: str = ANSWERS) -> None:
    """A policy that is put on networks, and logs."""
    id_ = estate.put(f"net/Microsoft.Network/dnsResolverPolicies/{name}", properties={})
    for number, each in enumerate(networks):
        estate.put(f"{id_}/virtualNetworkLinks/{number}", properties={"virtualNetwork": {"id": each.upper()}})
    logs = [{"category": category, "enabled": True}]
    estate.put(
        f"{id_}/providers/Microsoft.Insights/diagnosticSettings/x", properties={"workspaceId": "/w", "logs": logs}
    )


def found(reading: Reading) -> dict[str, bool | Unread]:
    """What is said of each network."""
    return {each.resource.name: each.logged for each in reading.facts(DnsQueries)}


def test_a_subscription_without_networks_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert found(reading) == {}
    assert {listing.kind: listing.items for listing in reading.page.listings} == {NETWORK.name: 0, POLICY.name: 0}


def test_a_network_is_logged_by_a_policy_that_is_put_on_it(read: Read, estate: AzureEstate) -> None:
    """One that logs nothing of names does not count, and neither does one of other networks."""
    one, other = network(estate, "one"), network(estate, "other")
    network(estate, "lone")
    policy(estate, "names", one)
    policy(estate, "else", other, category="Metrics")

    assert found(read(COLLECTOR)) == {"lone": False, "one": True, "other": False}


@pytest.mark.parametrize("kind", [LINKS, LOGS])
def test_an_unread_policy_may_be_the_one(read: Read, estate: AzureEstate, kind: object) -> None:
    """What another policy settles stays settled, and what is surely none of its business too."""
    one, other = network(estate, "one"), network(estate, "other")
    network(estate, "lone")
    policy(estate, "hidden", other)
    policy(estate, "names", one)
    last = "virtualNetworkLinks" if kind is LINKS else "providers/Microsoft.Insights/diagnosticSettings"
    estate.faults.append(Fault(rf"GET /.*/dnsResolverPolicies/hidden/{last}\?"))

    said = found(read(COLLECTOR))

    assert said["one"] is True
    assert isinstance(said["other"], Unread)
    assert said["other"].reason is Reason.PERMISSION_DENIED
    assert isinstance(said["lone"], Unread) is (kind is LINKS)


def test_unread_policies_leave_every_other_network_open(read: Read, estate: AzureEstate) -> None:
    """The listing is refused: nobody knows whether there is one."""
    network(estate, "one")
    estate.faults.append(Fault(r"GET /.*/dnsResolverPolicies\?"))

    (logged,) = found(read(COLLECTOR)).values()

    assert isinstance(logged, Unread)
    assert logged.permission == "Microsoft.Network/dnsResolverPolicies/read"
