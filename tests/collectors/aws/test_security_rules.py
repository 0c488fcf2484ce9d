"""The rules of security groups"""

from __future__ import annotations

from typing import Any

import pytest

from collectors.aws.security_rules import doors, prefix_lists


def rule(protocol: str = "tcp", first: int = 22, last: int = 22, *four: str, **more: Any) -> dict[str, Any]:
    """A rule as AWS answers it."""
    ports = {} if protocol == "-1" else {"FromPort": first, "ToPort": last}
    ranges = [{"CidrIp": each} for each in four]
    return {
        "IpProtocol": protocol, **ports, "IpRanges": ranges, "Ipv6Ranges": [], "PrefixListIds": [],
        "UserIdGroupPairs": [], **more,
    }  # fmt: skip


def opened(*rules: dict[str, Any], **lists: list[str]) -> tuple[str, ...]:
    """The doors of a group with these rules; `lists` are prefix lists, `pl_1` for `pl-1`."""
    return doors({"IpPermissions": list(rules)}, {key.replace("_", "-"): value for key, value in lists.items()})


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], ()),
        ([rule("tcp", 22, 22, "0.0.0.0/0")], ("tcp/22 0.0.0.0/0",)),
        ([rule("6", 22, 22, "0.0.0.0/0")], ("tcp/22 0.0.0.0/0",)),
        ([rule("udp", 53, 60, "203.0.113.0/24")], ("udp/53-60 203.0.113.0/24",)),
        ([rule("-1", 0, 0, "0.0.0.0/0")], ("tcp/0-65535 0.0.0.0/0", "udp/0-65535 0.0.0.0/0")),
        ([rule("tcp", 22, 22, "10.0.0.0/8", "192.168.1.0/24")], ()),
        ([rule("icmp", -1, -1, "0.0.0.0/0")], ()),
        ([rule("50", 0, 0, "0.0.0.0/0")], ()),
        ([rule(Ipv6Ranges=[{"CidrIpv6": "::/0"}])], ("tcp/22 ::/0",)),
        ([rule(Ipv6Ranges=[{"CidrIpv6": "fd00::/8"}])], ()),
        ([rule(UserIdGroupPairs=[{"GroupId": "sg-1", "UserId": "123456789012"}])], ()),
        ([rule("tcp", 22, 22, "198.51.0.0/17", "198.51.128.0/17")], ("tcp/22 198.51.0.0/16",)),
        ([rule("tcp", 22, 22, "0.0.0.0/1", "128.0.0.0/1")], ("tcp/22 0.0.0.0/0",)),
        (
            [rule("tcp", 20, 25, "0.0.0.0/0"), rule("tcp", 26, 30, "0.0.0.0/0"), rule("tcp", 22, 23, "203.0.113.7/32")],
            ("tcp/20-30 0.0.0.0/0",),
        ),
    ],
)
def test_the_doors_of_a_group_are_the_union_of_its_rules(
    rules: list[dict[str, Any]], expected: tuple[str, ...]
) -> None:
    """Public networks alone, joined across rules; machines of the company's own networks open no door."""
    assert opened(*rules) == expected


def test_a_prefix_list_is_worth_its_networks() -> None:
    """One that is not at hand must not be taken for an empty one."""
    said = rule(PrefixListIds=[{"PrefixListId": "pl-1"}])

    assert prefix_lists({"IpPermissions": [said, said]}) == ("pl-1",)
    assert opened(said, pl_1=["203.0.113.0/24", "10.0.0.0/8", "2001:db8::/32"]) == (
        "tcp/22 203.0.113.0/24",
        "tcp/22 2001:db8::/32",
    )
    with pytest.raises(KeyError):
        opened(said)


@pytest.mark.parametrize(
    "said",
    [
        rule("tcp", -1, -1, "0.0.0.0/0"),
        rule("tcp", 30, 20, "0.0.0.0/0"),
        rule("tcp", 22, 70000, "0.0.0.0/0"),
        rule("tcp", 22, 22, "anywhere"),
        {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
        {"IpProtocol": "tcp", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
    ],
)
def test_what_is_not_understood_is_malformed(said: dict[str, Any]) -> None:
    """Nothing is guessed about a rule."""
    with pytest.raises((KeyError, ValueError)):
        opened(said)
