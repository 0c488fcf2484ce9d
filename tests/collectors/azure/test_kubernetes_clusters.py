"""azure.kubernetes_clusters"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.kubernetes_clusters import CLUSTER, COLLECTOR
from collectors.facts.apps import Cluster
from collectors.facts.core import Reason, Unread
from collectors.testing import Reading
from collectors.volatile import split

Read = Callable[[Collector], Reading]


def cluster(estate: AzureEstate, name: str, **said: Any) -> None:
    """A cluster as Azure makes it, but for what is said."""
    known = {"enableRBAC": True, "agentPoolProfiles": [{"name": "pool", "count": 3}], **said}
    estate.put(f"run/Microsoft.ContainerService/managedClusters/{name}", properties=known)


def test_a_subscription_without_clusters_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(Cluster) == []
    assert [listing.items for listing in reading.page.listings] == [0]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, ("0.0.0.0/0",)),
        ({"apiServerAccessProfile": {"enablePrivateCluster": True}}, ()),
        ({"publicNetworkAccess": "Disabled"}, ()),
        ({"apiServerAccessProfile": {"enablePrivateCluster": False}}, ("0.0.0.0/0",)),
        (
            {"apiServerAccessProfile": {"authorizedIPRanges": ["203.0.113.0/25", "203.0.113.128/25", "10.0.0.0/8"]}},
            ("203.0.113.0/24",),
        ),
        ({"apiServerAccessProfile": {"authorizedIPRanges": ["0.0.0.0/32"]}}, ()),
    ],
)
def test_who_reaches_the_api(read: Read, estate: AzureEstate, said: dict[str, Any], expected: tuple[str, ...]) -> None:
    """Everybody, unless it is private or names networks; 0.0.0.0/32 is Azure's word for none."""
    cluster(estate, "it", **said)

    assert read(COLLECTOR).fact(Cluster, "it").api_open_ranges == expected


def test_pools_accounts_and_roles(read: Read, estate: AzureEstate) -> None:
    """One pool with public addresses is enough, and local accounts are there unless they were switched off."""
    pools = [{"name": "a"}, {"name": "b", "enableNodePublicIP": True}]
    cluster(estate, "loose", agentPoolProfiles=pools, enableRBAC=False)
    cluster(estate, "tight", disableLocalAccounts=True, agentPoolProfiles=[{"name": "a", "enableNodePublicIP": False}])

    reading = read(COLLECTOR)

    loose, tight = reading.fact(Cluster, "loose"), reading.fact(Cluster, "tight")
    assert (loose.public_nodes, loose.local_accounts, loose.roles) == (True, True, False)
    assert (tight.public_nodes, tight.local_accounts, tight.roles) == (False, False, True)


def test_what_is_garbled_is_unread_by_itself(read: Read, estate: AzureEstate) -> None:
    """Other fields of the same cluster, and its neighbor, are known."""
    cluster(estate, "odd", agentPoolProfiles=None, publicNetworkAccess="Perhaps", enableRBAC=True)
    cluster(estate, "good")

    reading = read(COLLECTOR)

    odd = reading.fact(Cluster, "odd")
    for value in (odd.public_nodes, odd.api_open_ranges):
        assert isinstance(value, Unread)
        assert value.operation == "Microsoft.ContainerService:managedClusters"
        assert value.permission == "Microsoft.ContainerService/managedClusters/read"
    assert odd.roles is True
    assert reading.fact(Cluster, "good").public_nodes is False


def test_the_number_of_nodes_is_no_setting(read: Read, estate: AzureEstate) -> None:
    """It changes with the load."""
    cluster(estate, "it")
    (document,) = read(COLLECTOR).documents.of(CLUSTER)

    stable, taken = split(document.body, CLUSTER.volatile)

    assert stable["properties"]["agentPoolProfiles"] == [{"name": "pool"}]
    assert taken


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """What the first page held is kept, and the population is not known."""
    for name in "abc":
        cluster(estate, name)
    estate.faults.append(Fault(r"GET /.*/managedClusters\?", after=1))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(Cluster)] == ["a", "b"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "azure.containerservice.cluster")
    assert estate.writes == []
