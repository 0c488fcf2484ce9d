"""Sets of numbers that are kept as spans: IP addresses and ports, with what of them is public."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network, summarize_address_range

Spans = tuple[tuple[int, int], ...]
"""First and last of each stretch, in order; no two of them touch."""

NOTHING: Spans = ()
FOUR, SIX = 4, 6
"""The versions of IP."""
EVERY: dict[int, Spans] = {FOUR: ((0, 2**32 - 1),), SIX: ((0, 2**128 - 1),)}
"""All addresses of a version."""
EVERYWHERE = {FOUR: "0.0.0.0/0", SIX: "::/0"}
"""What all public addresses are written as."""
_NOT_PUBLIC = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/4",
    "240.0.0.0/4",
)
"""IPv4 networks from which nobody on the internet can come: IANA's registry of special addresses."""
_UNICAST = "2000::/3"
"""The part of IPv6 that the internet uses: RFC 4291, global unicast."""


def merged(spans: Iterable[tuple[int, int]]) -> Spans:
    """The same numbers, with what overlaps or touches joined."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def common(one: Spans, other: Spans) -> Spans:
    """What both hold."""
    met = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return merged((first, last) for first, last in met if first <= last)


def without(one: Spans, other: Spans) -> Spans:
    """What `one` holds and `other` does not."""
    left = list(one)
    for first, last in other:
        cut = [((a, min(b, first - 1)), (max(a, last + 1), b)) for a, b in left]
        left = [(a, b) for pair in cut for a, b in pair if a <= b]
    return merged(left)


def holds(spans: Spans, first: int, last: int) -> bool:
    """The whole stretch lies within."""
    return any(a <= first and last <= b for a, b in spans)


def addresses(network: IPv4Network | IPv6Network) -> tuple[int, int]:
    """First and last address of a network."""
    return int(network.network_address), int(network.broadcast_address)


PUBLIC: dict[int, Spans] = {
    FOUR: without(EVERY[FOUR], merged(addresses(ip_network(each)) for each in _NOT_PUBLIC)),
    SIX: (addresses(ip_network(_UNICAST)),),
}
"""The addresses of the internet."""


def networks(version: int, spans: Spans) -> tuple[str, ...]:
    """The public part of some addresses in CIDR form; all of it as `0.0.0.0/0` or `::/0`."""
    public = common(spans, PUBLIC[version])
    if public == PUBLIC[version]:
        return (EVERYWHERE[version],)
    ends = ((_address(version, first), _address(version, last)) for first, last in public)
    return tuple(str(each) for first, last in ends for each in summarize_address_range(first, last))


def _address(version: int, number: int) -> IPv4Address | IPv6Address:
    return IPv4Address(number) if version == FOUR else IPv6Address(number)
