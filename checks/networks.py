"""How wide networks are, which of them a company approved, and what the doors of a network guard say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

HOST_BITS = 64
"""Of an IPv6 address, the bits that every single network has for its own hosts: they do not count as width."""
PROVIDER = "provider"
"""Stands for everything that runs at the provider."""


def width(text: str) -> int:
    """How many addresses a network has; of IPv6, how many networks."""
    match ip_network(text):
        case IPv4Network() as network:
            return network.num_addresses
        case IPv6Network() as network:
            return 1 << max(HOST_BITS - network.prefixlen, 0)


def within(text: str, networks: Iterable[str]) -> bool:
    """A network lies in one of others.  Raises ValueError for a text that is no network."""
    inner = ip_network(text)
    for each in networks:
        outer = ip_network(each, strict=False)
        if isinstance(inner, IPv4Network) and isinstance(outer, IPv4Network) and inner.subnet_of(outer):
            return True
        if isinstance(inner, IPv6Network) and isinstance(outer, IPv6Network) and inner.subnet_of(outer):
            return True
    return False


def wide(sources: Iterable[str], most: float, approved: Iterable[str]) -> list[str]:
    """Those of some networks that have more than `most` addresses and were not approved."""
    allowed = tuple(approved)
    return [each for each in sources if width(each) > most and not within(each, allowed)]


@dataclass(frozen=True, slots=True)
class Door:
    """One line of `NetworkGuard.doors`."""

    protocol: str
    first: int
    last: int
    """The ports from first to last."""
    source: str
    """A network in CIDR form, or `provider`."""

    @property
    def ports(self) -> str:
        """`tcp/22` or `tcp/8000-8080`."""
        return f"{self.protocol}/{ports(self.first, self.last)}"


def ports(first: int, last: int) -> str:
    """One port, or a range."""
    return str(first) if first == last else f"{first}-{last}"


def door(line: str) -> Door:
    """A door as facts hold it.  Raises ValueError for any other text."""
    where, _, source = line.partition(" ")
    protocol, _, span = where.partition("/")
    first, last = span_of(span)
    return Door(protocol, first, last, source)


def span_of(text: str) -> tuple[int, int]:
    """First and last of `22` or `8000-8080`.  Raises ValueError for anything else."""
    first, _, last = text.partition("-")
    return int(first), int(last or first)


def wide_doors(lines: Iterable[str], most: float, approved: Iterable[str]) -> list[Door]:
    """The doors that let in more than `most` addresses, or all that runs at the provider."""
    found = [door(line) for line in lines]
    allowed = tuple(approved)
    return [each for each in found if each.source == PROVIDER or wide((each.source,), most, allowed)]


def told(doors: Iterable[Door]) -> str:
    """Doors in words, those of the same ports together."""
    by_ports: dict[str, list[str]] = {}
    for each in doors:
        by_ports.setdefault(each.ports, []).append("the provider" if each.source == PROVIDER else each.source)
    return ", ".join(f"{ports} from {_some(sources)}" for ports, sources in by_ports.items())


SHOWN = 3
"""Networks that a reason names; the others are counted."""


def _some(sources: list[str]) -> str:
    named = " and ".join(sources[:SHOWN])
    return f"{named} and {len(sources) - SHOWN} more networks" if len(sources) > SHOWN else named
