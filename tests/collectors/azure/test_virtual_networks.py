"""azure.virtual_networks"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.virtual_networks import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.network import FlowRecord, Network, Subnet
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
WORKSPACE = "/subscriptions/s/resourceGroups/Logs/providers/Microsoft.OperationalInsights/workspaces/All"
ANALYZED = {
    "networkWatcherFlowAnalyticsConfiguration": {
        "enabled": True,
        "workspaceId": "x",
        "workspaceRegion": "westeurope",
        "workspaceResourceId": WORKSPACE,
    }
}


def group_id(name: str) -> str:
    """The id of a network security group."""
    return f"/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/networkSecurityGroups/{name}"


def network(estate: AzureEstate, name: str, *groups: str | None, location: str = "westeurope") -> str:
    """A network with one subnet for each security group, or for none."""
    id_ = estate.put(f"net/Microsoft.Network/virtualNetworks/{name}", location=location)
    subnets = [
        {
            "id": f"{id_}/subnets/S{number}",
            "name": f"S{number}",
            "properties": {"networkSecurityGroup": {"id": group_id(group)}} if group else {},
        }
        for number, group in enumerate(groups)
    ]
    estate.things[id_.lower()]["properties"] = {"subnets": subnets}
    return id_


def watcher(estate: AzureEstate, location: str = "westeurope") -> str:
    """The watcher of a region."""
    return estate.put(f"watch/Microsoft.Network/networkWatchers/W_{location}", location=location, properties={})


def flow_log(estate: AzureEstate, watcher_id: str, name: str, target: str, **said: Any) -> None:
    """A flow log that works, keeps everything and is analyzed, but for what is said."""
    known = {
        "targetResourceId": target,
        "enabled": True,
        "provisioningState": "Succeeded",
        "storageId": "/x",
        "retentionPolicy": {"days": 0, "enabled": False},
        "flowAnalyticsConfiguration": ANALYZED,
    }
    estate.put(f"{watcher_id}/flowLogs/{name}", properties={**known, **said})


def test_a_subscription_without_networks_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(Network) == []
    assert reading.facts(FlowRecord) == []
    assert {listing.kind for listing in reading.page.listings} == {
        "azure.network.virtual_network",
        "azure.network.watcher",
    }


def test_a_flow_log_of_the_network_records_it(read: Read, estate: AzureEstate) -> None:
    """Accepted and refused traffic alike; the log of another network counts for nobody else."""
    id_ = network(estate, "logged", None)
    network(estate, "silent", None)
    network(estate, "abroad", None, location="eastus")
    flow_log(estate, watcher(estate), "all", id_.upper())

    reading = read(COLLECTOR)

    logged = {fact.resource.name: (fact.flow_logged, fact.flow_log_traffic) for fact in reading.facts(Network)}
    assert logged == {"logged": (True, "ALL"), "silent": (False, None), "abroad": (False, None)}
    record = reading.fact(FlowRecord, "logged")
    assert (record.recorded, record.retention_days, record.searchable_in) == (True, None, WORKSPACE.lower())
    assert record.resource == reading.fact(Network, "logged").resource
    assert reading.fact(Network, "logged").resource.uid == id_.lower()
    assert reading.fact(FlowRecord, "silent").recorded is False


def test_a_network_is_recorded_when_each_of_its_subnets_is(read: Read, estate: AzureEstate) -> None:
    """By itself or through its security group; one subnet without a record leaves a hole."""
    watching = watcher(estate)
    whole, hole = network(estate, "whole", "web", None), network(estate, "hole", "web", None)
    flow_log(estate, watching, "group", group_id("web").upper(), retentionPolicy={"days": 90, "enabled": True})
    flow_log(estate, watching, "subnet", f"{whole}/subnets/S1", retentionPolicy={"days": 30, "enabled": True})

    reading = read(COLLECTOR)

    assert reading.fact(Network, "whole").flow_logged is True
    assert reading.fact(FlowRecord, "whole").retention_days == 30
    assert reading.fact(Network, "hole").flow_logged is False
    assert hole.lower() != whole.lower()


@pytest.mark.parametrize("said", [{"enabled": False}, {"provisioningState": "Failed"}])
def test_a_flow_log_that_does_not_work_records_nothing(read: Read, estate: AzureEstate, said: dict[str, Any]) -> None:
    """That it exists is not enough."""
    flow_log(estate, watcher(estate), "all", network(estate, "it", None), **said)

    assert read(COLLECTOR).fact(Network, "it").flow_logged is False


@pytest.mark.parametrize(
    ("said", "days", "workspace"),
    [
        ({"retentionPolicy": {"days": 90, "enabled": True}}, 90, WORKSPACE.lower()),
        ({"retentionPolicy": {"days": 90, "enabled": False}}, None, WORKSPACE.lower()),
        ({"retentionPolicy": {"days": 0, "enabled": True}}, None, WORKSPACE.lower()),
        ({"retentionPolicy": None}, None, WORKSPACE.lower()),
        ({"flowAnalyticsConfiguration": {}}, None, None),
        (
            {"flowAnalyticsConfiguration": {"networkWatcherFlowAnalyticsConfiguration": {"enabled": False}}},
            None,
            None,
        ),
    ],
)
def test_settings_of_a_flow_log_become_facts(
    read: Read, estate: AzureEstate, said: dict[str, Any], days: int | None, workspace: str | None
) -> None:
    """0 days, or a rule that is off, keep records for ever."""
    flow_log(estate, watcher(estate), "all", network(estate, "it", None), **said)

    record = read(COLLECTOR).fact(FlowRecord, "it")

    assert (record.retention_days, record.searchable_in) == (days, workspace)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_flow_logs_that_cannot_be_read_are_a_gap_for_exactly_that_region(
    read: Read, estate: AzureEstate, kind: str
) -> None:
    """The networks of other regions are known."""
    network(estate, "here", None)
    there = network(estate, "there", None, location="eastus")
    watcher(estate)
    flow_log(estate, watcher(estate, "eastus"), "all", there)
    estate.faults.append(Fault(r"GET /.*/W_westeurope/flowLogs\?", kind=kind))

    reading = read(COLLECTOR)

    for value in (reading.fact(Network, "here").flow_logged, reading.fact(FlowRecord, "here").retention_days):
        assert isinstance(value, Unread)
        assert value.operation == "Microsoft.Network:networkWatchers/flowLogs"
        assert value.permission == "Microsoft.Network/networkWatchers/flowLogs/read"
    assert reading.fact(Network, "there").flow_logged is True


def test_a_garbled_flow_log_may_be_the_one(read: Read, estate: AzureEstate) -> None:
    """Nothing is decided about networks that no other log records."""
    watching = watcher(estate)
    network(estate, "it", None)
    estate.put(f"{watching}/flowLogs/broken", properties={"enabled": True})

    assert isinstance(read(COLLECTOR).fact(Network, "it").flow_logged, Unread)


def test_a_listing_of_watchers_that_breaks_off_proves_no_absence(read: Read, estate: AzureEstate) -> None:
    """A network with a known log is recorded; of the others nobody can tell."""
    logged = network(estate, "logged", None, location="a")
    network(estate, "silent", None, location="c")
    for location in "abc":
        flow_log(estate, watcher(estate, location), "all", logged)
    estate.faults.append(Fault(r"GET /.*/networkWatchers\?", after=1))

    reading = read(COLLECTOR)

    assert reading.fact(Network, "logged").flow_logged is True
    assert isinstance(reading.fact(Network, "silent").flow_logged, Unread)


def test_a_listing_of_networks_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """What the first page held is kept, and the population is not known."""
    for name in "abc":
        network(estate, name)
    estate.faults.append(Fault(r"GET /.*/virtualNetworks\?", after=1))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(Network)] == ["a", "b"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "azure.network.virtual_network")
    assert estate.writes == []


def test_subnets_and_what_stands_before_them(read: Read, estate: AzureEstate) -> None:
    """One of a service of Azure's own guards itself."""
    id_ = network(estate, "n", "web", None)
    estate.things[id_.lower()]["properties"]["subnets"].append(
        {"id": f"{id_}/subnets/GatewaySubnet", "name": "GatewaySubnet", "properties": {}}
    )

    reading = read(COLLECTOR)

    assert {each.resource.name: each.guarded for each in reading.facts(Subnet)} == {
        "n/S0": True,
        "n/S1": False,
        "n/GatewaySubnet": None,
    }
    assert reading.fact(Subnet, "n/S0").resource.uid == f"{id_}/subnets/S0".lower()


def test_a_garbled_subnet_leaves_those_of_its_network_unread(read: Read, estate: AzureEstate) -> None:
    """Nobody can tell how many there are, and those of its neighbor are known."""
    id_ = network(estate, "odd", "web")
    estate.things[id_.lower()]["properties"]["subnets"].append({"name": "x"})
    network(estate, "good", "web")

    reading = read(COLLECTOR)

    lost = reading.fact(Subnet, "odd/subnets").guarded
    assert isinstance(lost, Unread)
    assert lost.operation == "Microsoft.Network:virtualNetworks"
    assert lost.permission == "Microsoft.Network/virtualNetworks/read"
    assert reading.fact(Subnet, "good/S0").guarded is True
