"""collectors.gcp.firewall, compared with a machine that asks one rule after the other for single packets."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.gcp.firewall import classic, doors, policy

NETWORK = "projects/p/global/networks/n"
ALL = ["0.0.0.0/0"]


def rule(action: str = "allowed", priority: int = 1000, ports: list[str] | None = None, **said: Any) -> dict[str, Any]:
    """A firewall rule of a network about TCP."""
    config = {"IPProtocol": "tcp", **({"ports": ports} if ports else {})}
    return {"priority": priority, "direction": "INGRESS", "sourceRanges": ALL, action: [config], **said}


def above(action: str, priority: int, ports: list[str] | None = None, **match: Any) -> dict[str, Any]:
    """A rule of a firewall policy about TCP."""
    config = {"ipProtocol": "tcp", **({"ports": ports} if ports else {})}
    return {
        "action": action,
        "priority": priority,
        "direction": "INGRESS",
        "match": {"srcIpRanges": ALL, **match, "layer4Configs": [config]},
    }


def test_without_rules_nothing_comes_in() -> None:
    """What nobody decides is denied."""
    assert doors([]) == ()
    assert doors([classic([])]) == ()


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([rule(ports=["22"])], ("tcp/22 0.0.0.0/0",)),
        ([rule(ports=["22"], sourceRanges=["::/0"])], ("tcp/22 ::/0",)),
        ([rule(ports=["22"], disabled=True)], ()),
        ([rule(ports=["22"], direction="EGRESS")], ()),
        ([rule(ports=["20-25"], sourceRanges=["203.0.113.0/24"])], ("tcp/20-25 203.0.113.0/24",)),
        ([rule(ports=["22"], sourceRanges=["10.0.0.0/8"])], ()),
        ([rule(ports=["22"]), rule("denied", 1000, ["22"])], ()),
        ([rule(ports=["22"]), rule("denied", 1001, ["22"])], ("tcp/22 0.0.0.0/0",)),
        ([rule(ports=["22", "443"]), rule("denied", 10, ["0-442"])], ("tcp/443 0.0.0.0/0",)),
        ([rule(ports=["22"], sourceRanges=None, sourceTags=["web"])], ()),
        ([rule(ports=["22"], sourceRanges=None)], ("tcp/22 0.0.0.0/0",)),
        ([rule(allowed=[{"IPProtocol": "all"}])], ("tcp/0-65535 0.0.0.0/0", "udp/0-65535 0.0.0.0/0")),
        ([rule(allowed=[{"IPProtocol": "17", "ports": ["53"]}])], ("udp/53 0.0.0.0/0",)),
        ([rule(allowed=[{"IPProtocol": "icmp"}])], ()),
        ([rule(ports=["22"], targetTags=["web"]), rule("denied", 10)], ()),
        ([rule(ports=["22"], targetTags=["web"]), rule("denied", 10, targetTags=["db"])], ("tcp/22 0.0.0.0/0",)),
        ([rule(ports=["22"]), rule("denied", 10, targetTags=["db"])], ("tcp/22 0.0.0.0/0",)),
        ([rule(ports=["22"]), rule("denied", 10, destinationRanges=["10.0.0.7"])], ("tcp/22 0.0.0.0/0",)),
        ([rule(ports=["22"]), rule("denied", 10, sourceRanges=["0.0.0.0/1"])], ("tcp/22 128.0.0.0",)),
    ],
)
def test_rules_of_a_network(rules: list[dict[str, Any]], expected: tuple[str, ...]) -> None:
    """The lowest number decides, and of two with the same number the one that denies."""
    found = doors([classic(rules)])

    assert len(found) >= len(expected)
    assert all(any(line.startswith(each) for line in found) for each in expected)
    assert bool(found) is bool(expected)


@pytest.mark.parametrize(
    ("policies", "rules", "expected"),
    [
        ([[above("deny", 1)]], [rule(ports=["22"])], ()),
        ([[above("goto_next", 1), above("deny", 2)]], [rule(ports=["22"])], ("tcp/22 0.0.0.0/0",)),
        ([[above("allow", 1, ["3389"])]], [], ("tcp/3389 0.0.0.0/0",)),
        ([[above("apply_security_profile_group", 1, ["443"])]], [], ("tcp/443 0.0.0.0/0",)),
        ([[above("goto_next", 1, ["22"]), above("deny", 2)], [above("deny", 1, ["22"])]], [rule()], ()),
        ([[above("deny", 1, srcIpRanges=None, srcRegionCodes=["XX"])]], [rule(ports=["22"])], ("tcp/22 0.0.0.0/0",)),
        ([[above("allow", 1, srcIpRanges=None, srcSecureTags=[{"name": "tagValues/1"}])]], [], ()),
        ([[above("allow", 1, srcNetworkScope="NON_INTERNET")]], [], ()),
        ([[above("allow", 1, ["22"], srcNetworkScope="INTERNET")]], [], ("tcp/22 0.0.0.0/0",)),
        (
            [[{**above("allow", 1, ["22"]), "targetResources": [f"https://x/compute/v1/{NETWORK}"]}]],
            [],
            ("tcp/22 0.0.0.0/0",),
        ),
        (
            [[{**above("allow", 1, ["22"]), "targetResources": ["https://x/compute/v1/projects/p/global/networks/m"]}]],
            [],
            (),
        ),
        ([[{**above("deny", 1), "targetServiceAccounts": ["a@p"]}]], [rule(ports=["22"])], ("tcp/22 0.0.0.0/0",)),
        ([[above("deny", 1, destIpRanges=["10.0.0.0/8"])]], [rule(ports=["22"])], ("tcp/22 0.0.0.0/0",)),
    ],
)
def test_policies_stand_before_the_rules_of_a_network(
    policies: list[list[dict[str, Any]]], rules: list[dict[str, Any]], expected: tuple[str, ...]
) -> None:
    """A policy decides, or hands over to what is asked next."""
    assert doors([*(policy(each, NETWORK) for each in policies), classic(rules)]) == expected


@pytest.mark.parametrize("said", [{"srcFqdns": ["x.example"]}, {"srcRegionCodes": ["US"]}, {"srcAddressGroups": ["g"]}])
@pytest.mark.parametrize("action", ["allow", "goto_next"])
def test_sources_that_only_google_knows_are_not_guessed(said: dict[str, Any], action: str) -> None:
    """Nobody can tell how wide such a door is."""
    with pytest.raises(ValueError, match="only the provider can tell"):
        policy([above(action, 1, **said)], NETWORK)


@pytest.mark.parametrize(
    "broken",
    [
        rule(direction="SIDEWAYS"),
        rule(ports=["80-20"]),
        rule(ports=["x"]),
        rule(sourceRanges=["nowhere"]),
        {"priority": 1},
    ],
)
def test_what_is_not_understood_is_no_rule(broken: dict[str, Any]) -> None:
    """Better unread than wrong."""
    with pytest.raises((ValueError, KeyError)):
        classic([broken])


PUBLIC_SOURCES = ("0.0.0.0/0", "8.0.0.0/8", "8.8.0.0/16", "9.9.9.9/32", "10.0.0.0/8", "2600::/16", "::/0")
CALLERS = ("8.8.8.8", "8.1.1.1", "9.9.9.9", "1.1.1.1", "2600::1", "2a00::1")
PORTS = (None, ["22"], ["20-25"], ["443"], ["22", "443"])
LABELS: tuple[list[str], ...] = ([], ["web"], ["db"], ["web", "db"])
ACTIONS = ("allow", "deny", "goto_next")
ports_of = st.sampled_from(PORTS)
sources = st.lists(st.sampled_from(PUBLIC_SOURCES), min_size=1, max_size=2, unique=True)

network_rules = st.lists(
    st.builds(
        lambda action, priority, ports, ranges, tags: rule(
            action, priority, ports, sourceRanges=ranges, targetTags=tags
        ),
        st.sampled_from(("allowed", "denied")),
        st.integers(1, 3),
        ports_of,
        sources,
        st.sampled_from(LABELS),
    ),
    max_size=4,
)
policy_rules = st.lists(
    st.builds(lambda action, ports, ranges: (action, ports, ranges), st.sampled_from(ACTIONS), ports_of, sources),
    max_size=4,
).map(lambda found: [above(a, number, p, srcIpRanges=r) for number, (a, p, r) in enumerate(found)])


def matches(ports: list[str] | None, ranges: list[str], port: int, caller: str) -> bool:
    """A rule is about a packet."""
    spans = [each.partition("-") for each in ports or ["0-65535"]]
    address = ip_address(caller)
    return any(int(first) <= port <= int(last or first) for first, _, last in spans) and any(
        address in ip_network(each) for each in ranges if ip_network(each).version == address.version
    )


def lets_in(levels: list[list[dict[str, Any]]], port: int, caller: str, machine: set[str]) -> bool:
    """What Google would do with one packet to one machine, rule by rule."""
    for level in levels:
        for each in sorted(level, key=lambda item: (item["priority"], "denied" not in item)):
            if "match" in each:
                config, ranges, tags = each["match"]["layer4Configs"][0], each["match"]["srcIpRanges"], []
                action = each["action"]
            else:
                action = "allow" if "allowed" in each else "deny"
                config = each["allowed" if "allowed" in each else "denied"][0]
                ranges, tags = each["sourceRanges"], each["targetTags"]
            if tags and not set(tags) & machine:
                continue
            if matches(config.get("ports"), ranges, port, caller):
                if action == "goto_next":
                    break
                return bool(action == "allow")
    return False


@settings(max_examples=300, deadline=None)
@given(policy_rules, network_rules, policy_rules, st.booleans())
def test_doors_are_what_single_packets_find(
    first: list[dict[str, Any]], rules: list[dict[str, Any]], last: list[dict[str, Any]], before: bool
) -> None:
    """For every caller and port: a door is open exactly when some machine can be reached."""
    order = [first, last, rules] if before else [first, rules, last]
    found = doors([classic(each) if each is rules else policy(each, NETWORK) for each in order])
    opened = [(line.partition(" ")[0], ip_network(line.partition(" ")[2])) for line in found]

    for port in (19, 22, 25, 443, 444):
        for caller in CALLERS:
            machines: tuple[set[str], ...] = (set(), {"web"}, {"db"}, {"web", "db"})
            real = any(lets_in(order, port, caller, machine) for machine in machines)
            told = any(
                int(first_) <= port <= int(last_ or first_) and ip_address(caller) in network
                for where, network in opened
                for first_, _, last_ in [where.removeprefix("tcp/").partition("-")]
            )
            assert told is real, (port, caller, found)
