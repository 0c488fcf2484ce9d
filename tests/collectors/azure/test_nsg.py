"""The evaluation of security rules."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.azure.nsg import doors

ASG = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/applicationSecurityGroups/Web"
OTHER = ASG.replace("Web", "Db")
NUMBERS = iter(range(100, 100_000))


def rule(access: str = "Allow", source: Any = "*", port: Any = "22", priority: int = 0, **said: Any) -> dict[str, Any]:
    """An inbound rule for TCP; lists go where Azure has lists."""
    found = {"access": access, "direction": "Inbound", "protocol": "Tcp", "sourcePortRange": "*"}
    for key, value in (("sourceAddressPrefix", source), ("destinationPortRange", port)):
        plural = f"{key}es" if key.endswith("x") else f"{key}s"
        found[plural if isinstance(value, list) else key] = value
    return {
        "properties": {**found, "destinationAddressPrefix": "*", "priority": priority or next(NUMBERS), **said},
    }


DEFAULTS = [
    rule("Allow", "VirtualNetwork", "*", 65000, protocol="*", destinationAddressPrefix="VirtualNetwork"),
    rule("Allow", "AzureLoadBalancer", "*", 65001, protocol="*"),
    rule("Deny", "*", "*", 65500, protocol="*"),
    rule("Allow", "*", "*", 65001, protocol="*", direction="Outbound"),
]


def opened(*rules: dict[str, Any]) -> tuple[str, ...]:
    """The doors of a group with these rules and Azure's own."""
    return doors({"properties": {"securityRules": list(rules), "defaultSecurityRules": DEFAULTS}})


@pytest.mark.parametrize("source", ["*", "Any", "Internet", ["10.0.0.0/8", "internet"], ["0.0.0.0/0", "2000::/3"]])
def test_anybody_has_many_names(source: Any) -> None:
    """Whatever they are, one thing is said."""
    assert opened(rule(source=source)) == ("tcp/22 0.0.0.0/0", "tcp/22 ::/0")


@pytest.mark.parametrize("source", ["0.0.0.0/0", ["0.0.0.0/1", "128.0.0.0/1"]])
def test_all_of_one_version_is_not_all_of_the_other(source: Any) -> None:
    """The halves of all addresses are all addresses."""
    assert opened(rule(source=source)) == ("tcp/22 0.0.0.0/0",)


@pytest.mark.parametrize(
    ("port", "said"),
    [
        ("22", "tcp/22"),
        ("20-25", "tcp/20-25"),
        (["22", "23", "80-81"], "tcp/22-23 tcp/80-81"),
        ("*", "tcp/0-65535"),
        ("22,3389", "tcp/22 tcp/3389"),
    ],
)
def test_ports_in_every_form(port: Any, said: str) -> None:
    """One, a range, a list, all; neighbors are joined."""
    assert opened(rule(source="203.0.113.7", port=port)) == tuple(f"{each} 203.0.113.7/32" for each in said.split())


def test_protocols() -> None:
    """`*` is TCP and UDP; others have no ports."""
    assert opened(rule(source="203.0.113.0/24", protocol="*")) == (
        "tcp/22 203.0.113.0/24",
        "udp/22 203.0.113.0/24",
    )
    assert opened(rule(source="203.0.113.0/24", protocol="Udp")) == ("udp/22 203.0.113.0/24",)
    assert opened(rule(protocol="Icmp", port="*")) == ()


def test_what_is_private_is_no_door() -> None:
    """Neither private networks, nor the tags for machines of the company, nor outbound rules."""
    assert opened() == ()
    assert opened(rule(source=["10.0.0.0/8", "fd00::/8"]), rule(source="VirtualNetwork")) == ()
    assert opened(rule(direction="Outbound")) == ()
    group: dict[str, Any] = {"sourceAddressPrefix": None, "sourceApplicationSecurityGroups": [{"id": ASG}]}
    assert opened(rule(**group)) == ()


def test_a_denial_before_it_closes_a_door() -> None:
    """The lowest number decides, not the order in the answer; a later denial is too late."""
    assert opened(rule("Allow", priority=200), rule("Deny", "Internet", "*", 100, protocol="*")) == ()
    assert opened(
        rule("Deny", port="22", priority=100), rule("Allow", port="20-23", priority=200, source="1.1.1.1")
    ) == (
        "tcp/20-21 1.1.1.1/32",
        "tcp/23 1.1.1.1/32",
    )
    assert opened(rule("Allow", "1.1.1.1", priority=100), rule("Deny", priority=200)) == ("tcp/22 1.1.1.1/32",)


def test_a_denial_of_a_part_leaves_the_rest() -> None:
    """Of the sources, of the destinations, of the ports that a client comes from."""
    after: dict[str, Any] = {"source": "8.0.0.0/7", "priority": 200}
    assert opened(rule("Deny", "8.0.0.0/8", priority=100), rule(**after)) == ("tcp/22 9.0.0.0/8",)
    assert opened(rule("Deny", "*", priority=100, destinationAddressPrefix="10.0.0.4"), rule(**after)) == (
        "tcp/22 8.0.0.0/7",
    )
    assert opened(rule("Deny", "*", priority=100, sourcePortRange="1-1023"), rule(**after)) == ("tcp/22 8.0.0.0/7",)


def test_denials_add_up() -> None:
    """Two halves make a whole, of the sources and of the destinations."""
    halves = [rule("Deny", half, priority=number) for number, half in ((100, "0.0.0.0/1"), (101, "128.0.0.0/1"))]
    assert opened(*halves, rule(source="0.0.0.0/0", priority=200)) == ()
    parts = [
        rule("Deny", priority=n, destinationAddressPrefix=part)
        for n, part in ((1, "10.0.0.0/25"), (2, "10.0.0.128/25"))
    ]
    assert opened(*parts, rule(priority=200, destinationAddressPrefix="10.0.0.0/24")) == ()
    assert opened(*parts, rule(priority=200, source="1.1.1.1", destinationAddressPrefix="10.0.0.0/23"))


def test_application_security_groups_are_destinations() -> None:
    """A denial for the same group, or for all, closes the door; one for another group does not."""
    to: dict[str, Any] = {"destinationAddressPrefix": None, "destinationApplicationSecurityGroups": [{"id": ASG}]}
    other: dict[str, Any] = {"destinationAddressPrefix": None, "destinationApplicationSecurityGroups": [{"id": OTHER}]}
    allow = rule("Allow", "1.1.1.1", priority=200, **to)
    assert opened(allow) == ("tcp/22 1.1.1.1/32",)
    assert opened(rule("Deny", priority=100, **to), allow) == ()
    assert opened(rule("Deny", priority=100, destinationAddressPrefix="VirtualNetwork"), allow) == ()
    assert opened(rule("Deny", priority=100, **other), allow) == ("tcp/22 1.1.1.1/32",)


def test_the_data_centers_of_azure_are_other_customers_too() -> None:
    """By their tag, of all or of a region; other services of Azure are not everybody."""
    assert opened(rule(source="AzureCloud")) == ("tcp/22 provider",)
    assert opened(rule(source="AzureCloud.WestEurope")) == ("tcp/22 provider",)
    assert opened(rule(source="GatewayManager")) == ()
    for denied in ("*", "Internet", "AzureCloud"):
        assert opened(rule("Deny", denied, priority=100), rule(source="AzureCloud.eastus", priority=200)) == ()
    region = rule("Deny", "AzureCloud.eastus", priority=100)
    assert opened(region, rule(source="AzureCloud", priority=200)) == ("tcp/22 provider",)


@pytest.mark.parametrize(
    "changed",
    [
        {"access": "Maybe"},
        {"protocol": "Sctp"},
        {"direction": "Sideways"},
        {"sourceAddressPrefix": "1.2.3.4.5"},
        {"sourceAddressPrefix": None},
        {"destinationAddressPrefix": ""},
        {"destinationPortRange": "70000"},
        {"destinationPortRange": "9-1"},
        {"destinationPortRange": None},
        {"priority": "first"},
    ],
)
def test_a_rule_that_cannot_be_understood_is_no_closed_door(changed: dict[str, Any]) -> None:
    """The group as a whole is malformed then."""
    with pytest.raises((KeyError, ValueError, TypeError)):
        opened(rule(**changed))


def test_a_group_without_its_rules_is_malformed() -> None:
    """Azure's own rules are in every answer."""
    with pytest.raises(KeyError):
        doors({"properties": {"securityRules": []}})


SOURCES = ("*", "Internet", "0.0.0.0/0", "::/0", "8.0.0.0/8", "8.8.0.0/16", "10.0.0.0/8", "2001:db8::/32", "AzureCloud")
TARGETS = ("*", "VirtualNetwork", "10.0.0.0/24", "10.0.0.128/25", "fd00::/64", ASG, OTHER)
PORTS = ("*", "22", "20-25", "23-80", "80")
rules = st.tuples(
    st.sampled_from(("Allow", "Deny")),
    st.sampled_from(("Tcp", "Udp", "*", "Icmp")),
    st.lists(st.sampled_from(SOURCES), min_size=1, max_size=3),
    st.lists(st.sampled_from(TARGETS), min_size=1, max_size=2),
    st.lists(st.sampled_from(PORTS), min_size=1, max_size=2),
    st.booleans(),
)
Made = tuple[str, str, list[str], list[str], list[str], bool]

FROM = ("8.8.1.1", "8.1.1.1", "9.1.1.1", "2001:db8::1", "2600::1")
DATACENTERS = ("provider4", "provider6")
TO = ("10.0.0.4", "10.0.0.200", "10.1.0.4", "fd00::4", "fd01::4", ASG, OTHER)
ASKED = (19, 20, 22, 23, 25, 26, 80, 81)


def from_here(prefix: str, source: str) -> bool:
    """A packet from there is one of the prefix.  Azure's data centers are part of what is public."""
    if prefix in {"*", "Internet"}:
        return True
    if source.startswith("provider"):
        return prefix in {"AzureCloud", {"4": "0.0.0.0/0", "6": "::/0"}[source[-1]]}
    return prefix != "AzureCloud" and ip_address(source) in ip_network(prefix)


def to_there(prefix: str, target: str, version: int) -> bool:
    """A packet to a machine is one of the prefix; the addresses of the members of a group are not known."""
    if prefix in {"*", "VirtualNetwork"} or prefix == target:
        return True
    if prefix in {ASG, OTHER} or target in {ASG, OTHER}:
        return False
    return ip_address(target).version == version and ip_address(target) in ip_network(prefix)


def has_port(text: str, port: int) -> bool:
    """The port is in a range."""
    first, _, last = text.partition("-")
    return text == "*" or int(first) <= port <= int(last or first)


def lets_in(made: list[Made], protocol: str, port: int, source: str, by: str = "") -> bool:
    """To some machine a packet gets through the first rule that knows it, one that names `by` if that is given."""
    version = int(source[-1]) if source.startswith("provider") else ip_address(source).version
    for target in TO:
        if target not in {ASG, OTHER} and ip_address(target).version != version:
            continue
        for access, of, sources, targets, some, plain in made:
            if of.lower() not in {protocol, "*"} or not any(has_port(each, port) for each in some):
                continue
            if access == "Deny" and not plain:
                continue
            if any(from_here(each, source) for each in sources) and any(
                to_there(each, target, version) for each in targets
            ):
                if access == "Allow" and (not by or by in sources):
                    return True
                break
    return False


def as_body(made: Made) -> dict[str, Any]:
    """The rule as Azure has it; one that is not plain is about some of the ports that clients come from."""
    access, protocol, sources, targets, some, plain = made
    groups = [{"id": each} for each in targets if each.startswith("/")]
    more: dict[str, Any] = {"destinationApplicationSecurityGroups": groups} if groups else {}
    prefixes = [each for each in targets if not each.startswith("/")]
    return rule(
        access,
        sources,
        some,
        protocol=protocol,
        sourcePortRange="*" if plain else "1024-65535",
        destinationAddressPrefix=None,
        destinationAddressPrefixes=prefixes,
        **more,
    )


def said(found: tuple[str, ...], protocol: str, port: int, source: str) -> bool:
    """The doors speak of it."""
    for door in found:
        where, _, network = door.partition(" ")
        kind, _, span = where.partition("/")
        if kind == protocol and has_port(span, port):
            by_name = "provider" in {network, source}
            if network == source if by_name else ip_address(source) in ip_network(network):
                return True
    return False


@settings(max_examples=400, deadline=None)
@given(st.lists(rules, max_size=7))
def test_the_evaluation_is_that_of_single_packets(made: list[Made]) -> None:
    """Held against the rules asked one by one for every kind of packet."""
    found = opened(*map(as_body, made))

    for protocol, port in product(("tcp", "udp"), ASKED):
        for source in FROM:
            assert said(found, protocol, port, source) == lets_in(made, protocol, port, source), (source, port, found)
        by_tag = any(lets_in(made, protocol, port, source, by="AzureCloud") for source in DATACENTERS)
        assert said(found, protocol, port, "provider") == by_tag, (port, found)


def test_examples_stand_on_both_sides_of_every_prefix() -> None:
    """Otherwise the property would ask nothing."""
    for prefix in SOURCES:
        met = {from_here(prefix, source) for source in (*FROM, *DATACENTERS)}
        assert met == ({True} if prefix in {"*", "Internet"} else {False} if prefix == "10.0.0.0/8" else {True, False})
