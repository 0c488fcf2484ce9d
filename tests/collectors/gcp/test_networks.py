"""gcp.networks"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.core import Unread
from collectors.facts.network import DnsQueries, Network, NetworkGuard
from collectors.gcp.networks import COLLECTOR, NETWORK
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
BASE = f"compute/compute/v1/projects/{PROJECT}"
LINK = f"https://www.googleapis.com/compute/v1/projects/{PROJECT}"
SSH = {"priority": 1000, "sourceRanges": ["0.0.0.0/0"], "allowed": [{"IPProtocol": "tcp", "ports": ["22"]}]}


def network(
    estate: GcpEstate,
    name: str = "main",
    *subnets: dict[str, Any],
    firewalls: list[dict[str, Any]] | None = None,
    policies: list[dict[str, Any]] | None = None,
    regional: list[dict[str, Any]] | None = None,
    dns: list[dict[str, Any]] | None = None,
    **changed: Any,
) -> None:
    """A network with subnets, and the rules that count for it."""
    link = f"{LINK}/global/networks/{name}"
    made = [f"{LINK}/regions/us-east1/subnetworks/{name}-{number}" for number in range(len(subnets))]
    body = {"name": name, "selfLink": link, "subnetworks": made, **changed}
    estate.answers.setdefault(f"{BASE}/global/networks", Listed("items", [])).items.append(body)
    effective: dict[str, Any] = {"firewalls": firewalls or []}
    if policies:
        effective["firewallPolicys"] = policies
    estate.answers[f"{BASE}/global/networks/{name}/getEffectiveFirewalls"] = effective
    listed = estate.answers.setdefault(f"{BASE}/aggregated/subnetworks", {"items": {"r": {"subnetworks": []}}})
    listed["items"]["r"]["subnetworks"] += [
        {"name": at.rpartition("/")[2], "selfLink": at, "network": link, "purpose": "PRIVATE", **said}
        for at, said in zip(made, subnets, strict=True)
    ]
    estate.answers[f"{BASE}/aggregated/firewallPolicies"] = {"items": {"r": {"firewallPolicies": regional or []}}}
    estate.answers[f"dns/dns/v1/projects/{PROJECT}/policies"] = Listed("policies", dns or [])


def regional(*rules: dict[str, Any], on: str = "main", region: str = "us-east1") -> dict[str, Any]:
    """A firewall policy of one region."""
    return {
        "name": "local",
        "selfLink": f"{LINK}/regions/{region}/firewallPolicies/local",
        "associations": [{"attachmentTarget": f"{LINK}/global/networks/{on}"}],
        "rules": list(rules),
    }


def rule(action: str, port: str, priority: int = 1) -> dict[str, Any]:
    """A rule of a policy about everybody."""
    match = {"srcIpRanges": ["0.0.0.0/0"], "layer4Configs": [{"ipProtocol": "tcp", "ports": [port]}]}
    return {"action": action, "priority": priority, "direction": "INGRESS", "match": match}


def test_a_project_without_networks_is_a_complete_listing(read: Read, estate: GcpEstate) -> None:
    """Empty is proven."""
    network(estate)
    estate.answers[f"{BASE}/global/networks"] = Listed("items", [])

    reading = read(COLLECTOR)

    assert reading.page.gaps == []
    assert reading.facts(NetworkGuard) == []
    assert reading.documents.complete(NETWORK, "global") is None


@pytest.mark.parametrize(
    ("subnets", "logged"),
    [
        ([{"logConfig": {"enable": True}}, {"enableFlowLogs": True}], True),
        ([{"logConfig": {"enable": True}}, {}], False),
        ([{"logConfig": {"enable": True}}, {"purpose": "REGIONAL_MANAGED_PROXY"}], True),
        ([], False),
    ],
)
def test_every_subnet_for_machines_has_to_be_logged(
    read: Read, estate: GcpEstate, subnets: list[dict[str, Any]], logged: bool
) -> None:
    """Subnets of proxies have no flow logs."""
    network(estate, "main", *subnets)

    main = read(COLLECTOR).fact(Network, "main")

    assert (main.flow_logged, main.flow_log_traffic) == (logged, "ACCEPT" if logged else None)
    assert main.resource.uid == f"//compute.googleapis.com/projects/{PROJECT}/global/networks/main"


def test_subnets_that_were_not_listed_may_lack_a_log(read: Read, estate: GcpEstate) -> None:
    """None in sight proves nothing."""
    network(estate, "main", {"logConfig": {"enable": True}})
    estate.faults.append(Fault(r"aggregated/subnetworks"))

    logged = read(COLLECTOR).fact(Network, "main").flow_logged

    assert isinstance(logged, Unread)
    assert logged.permission == "compute.subnetworks.list"


def test_a_network_lets_in_what_its_rules_say(read: Read, estate: GcpEstate) -> None:
    """Two networks, each with rules of its own; one has nothing in it."""
    network(estate, "main", {}, firewalls=[SSH])
    network(estate, "bare")

    reading = read(COLLECTOR)
    main, bare = reading.fact(NetworkGuard, "main"), reading.fact(NetworkGuard, "bare")

    assert (main.attached, main.doors) == (True, ("tcp/22 0.0.0.0/0",))
    assert (bare.attached, bare.doors) == (False, ())


@pytest.mark.parametrize(
    ("order", "expected"), [("AFTER_CLASSIC_FIREWALL", ("tcp/22 0.0.0.0/0",)), ("BEFORE_CLASSIC_FIREWALL", ())]
)
def test_the_order_of_policies_decides(read: Read, estate: GcpEstate, order: str, expected: tuple[str, ...]) -> None:
    """A network can have its policy asked before or after its rules."""
    policies = [{"type": "NETWORK", "name": "own", "rules": [rule("deny", "22")]}]
    network(estate, "main", {}, firewalls=[SSH], policies=policies, networkFirewallPolicyEnforcementOrder=order)

    assert read(COLLECTOR).fact(NetworkGuard, "main").doors == expected


def test_the_organization_comes_first(read: Read, estate: GcpEstate) -> None:
    """Whatever the network says."""
    network(estate, "main", {}, firewalls=[SSH], policies=[{"type": "HIERARCHY", "rules": [rule("deny", "22")]}])

    assert read(COLLECTOR).fact(NetworkGuard, "main").doors == ()


def test_a_region_may_open_more(read: Read, estate: GcpEstate) -> None:
    """Policies of a region count there, and those on other networks do not."""
    found = [regional(rule("allow", "3389")), regional(rule("allow", "5432"), on="other", region="us-west1")]
    network(estate, "main", {}, firewalls=[SSH], regional=found)

    assert set(read(COLLECTOR).fact(NetworkGuard, "main").doors) == {"tcp/22 0.0.0.0/0", "tcp/3389 0.0.0.0/0"}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fault", "permission"),
    [
        (r"main/getEffectiveFirewalls", "compute.networks.getEffectiveFirewalls"),
        (r"aggregated/firewallPolicies", "compute.firewallPolicies.list"),
    ],
)
def test_rules_that_were_not_read_are_no_rules_that_are_missing(
    read: Read, estate: GcpEstate, fault: str, permission: str
) -> None:
    """Nobody can tell what comes in."""
    network(estate, "main", {})
    estate.faults.append(Fault(fault))

    doors = read(COLLECTOR).fact(NetworkGuard, "main").doors

    assert isinstance(doors, Unread)
    assert doors.permission == permission


@pytest.mark.parametrize(
    "changed",
    [
        {"policies": [{"type": "SYSTEM_GLOBAL", "rules": []}]},
        {"networkFirewallPolicyEnforcementOrder": "SOMETIMES"},
        {"firewalls": [{"priority": 1}]},
    ],
)
def test_what_is_not_understood_is_unread(read: Read, estate: GcpEstate, changed: dict[str, Any]) -> None:
    """Better unread than wrong."""
    network(estate, "main", {}, **changed)

    assert isinstance(read(COLLECTOR).fact(NetworkGuard, "main").doors, Unread)


@pytest.mark.parametrize(
    ("policies", "logged"),
    [
        ([], False),
        ([{"id": "1", "enableLogging": True, "networks": [{"networkUrl": f"{LINK}/global/networks/main"}]}], True),
        ([{"id": "1", "enableLogging": False, "networks": [{"networkUrl": f"{LINK}/global/networks/main"}]}], False),
        ([{"id": "1", "enableLogging": True, "networks": [{"networkUrl": f"{LINK}/global/networks/other"}]}], False),
    ],
)
def test_lookups_are_logged_by_the_policy_of_the_network(
    read: Read, estate: GcpEstate, policies: list[dict[str, Any]], logged: bool
) -> None:
    """One that is on another network does not count."""
    network(estate, "main", dns=policies)

    assert read(COLLECTOR).fact(DnsQueries, "main").logged is logged


def test_a_dns_that_is_not_enabled_is_not_known(read: Read, estate: GcpEstate) -> None:
    """Its policies may outlive the API."""
    network(estate, "main")
    estate.disabled.add("dns")

    logged = read(COLLECTOR).fact(DnsQueries, "main").logged

    assert isinstance(logged, Unread)
    assert logged.permission == "dns.policies.list"


def test_compute_engine_that_is_off_has_no_networks(read: Read, estate: GcpEstate) -> None:
    """Google turns it off only where nothing is left in it."""
    network(estate, "main")
    estate.disabled.add("compute")

    reading = read(COLLECTOR)

    assert reading.page.gaps == []
    assert reading.facts(NetworkGuard) == []
