"""Widths of networks, and doors as facts hold them."""

from __future__ import annotations

import pytest

from checks.networks import Door, door, wide, width, within


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("203.0.113.7/32", 1),
        ("203.0.113.0/24", 256),
        ("2001:db8::1/128", 1),
        ("2001:db8::/64", 1),
        ("2001:db8::/56", 256),
    ],
)
def test_single_networks_of_ipv6_count_as_addresses_of_ipv4(text: str, expected: int) -> None:
    """A home has one of each."""
    assert width(text) == expected


def test_networks_lie_within_networks_of_their_version() -> None:
    """And never within one of the other."""
    assert within("10.1.0.0/16", ["::/0", "10.0.0.0/8"])
    assert within("2001:db8::1", ["2001:db8::/32"])
    assert not within("10.0.0.0/7", ["10.0.0.0/8"])
    assert not within("10.0.0.1", ["::/0"])
    assert wide(["10.0.0.0/8", "20.0.0.0/8", "30.0.0.0/24"], 256, ["10.0.0.0/8"]) == ["20.0.0.0/8"]


def test_a_door_is_a_protocol_ports_and_a_source() -> None:
    """One port or several."""
    assert door("tcp/22 ::/0") == Door("tcp", 22, 22, "::/0")
    assert door("udp/1-65535 provider") == Door("udp", 1, 65535, "provider")
    assert [door(line).ports for line in ("tcp/22 ::/0", "udp/1-2 ::/0")] == ["tcp/22", "udp/1-2"]
    with pytest.raises(ValueError, match="invalid literal"):
        door("everything")
