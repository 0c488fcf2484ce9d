"""What the inbound rules of a security group let in from outside.

A group only ever allows, so its doors are the union of what its rules say.  A rule whose source is another group is
about private addresses and opens no door; a prefix list is worth the networks in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from collectors.address_sets import FOUR, SIX, Spans, addresses, holds, merged, networks
from collectors.api import Body

PROTOCOLS = {"tcp": "tcp", "6": "tcp", "udp": "udp", "17": "udp"}
EVERY_PROTOCOL = "-1"
LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Rule:
    """One inbound rule that is about TCP or UDP."""

    protocols: tuple[str, ...]
    first: int
    last: int
    sources: Mapping[int, Spans]
    """By version of IP."""


def prefix_lists(group: Body) -> tuple[str, ...]:
    """Ids of the prefix lists that inbound rules of a group name."""
    found = {str(each["PrefixListId"]) for said in group["IpPermissions"] for each in said.get("PrefixListIds") or ()}
    return tuple(sorted(found))


def doors(group: Body, lists: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """What a group lets in, as `NetworkGuard.doors` has it; `lists` holds the networks of each prefix list by its id.

    Raises KeyError, ValueError for a rule that is not understood.
    """
    rules = [found for said in group["IpPermissions"] if (found := rule(said, lists))]
    return tuple(line for protocol in ("tcp", "udp") for line in _opened(rules, protocol))


def rule(said: Body, lists: Mapping[str, Sequence[str]]) -> Rule | None:
    """A rule in our words; None when it is about neither TCP nor UDP."""
    protocol = str(said["IpProtocol"]).lower()
    if protocol == EVERY_PROTOCOL:
        # It has no ports of its own: AWS leaves them out, or writes -1.
        return Rule(("tcp", "udp"), 0, LAST_PORT, _sources(said, lists))
    if protocol not in PROTOCOLS:
        return None
    first, last = int(said["FromPort"]), int(said["ToPort"])
    if not 0 <= first <= last <= LAST_PORT:
        raise ValueError(f"{first} to {last} is no range of ports")
    return Rule((PROTOCOLS[protocol],), first, last, _sources(said, lists))


def _sources(said: Body, lists: Mapping[str, Sequence[str]]) -> Mapping[int, Spans]:
    texts = [str(each["CidrIp"]) for each in said.get("IpRanges") or ()]
    texts += [str(each["CidrIpv6"]) for each in said.get("Ipv6Ranges") or ()]
    texts += [text for each in said.get("PrefixListIds") or () for text in lists[each["PrefixListId"]]]
    found: dict[int, list[tuple[int, int]]] = {FOUR: [], SIX: []}
    for network in map(ip_network, texts):
        found[network.version].append(addresses(network))
    return {version: merged(spans) for version, spans in found.items()}


def _opened(rules: Iterable[Rule], protocol: str) -> Iterator[str]:
    """The doors of one protocol, ports with the same sources joined."""
    about = [each for each in rules if protocol in each.protocols]
    edges = {0} | {edge for each in about for edge in (each.first, each.last + 1) if edge <= LAST_PORT}
    starts = sorted(edges)
    found: dict[str, list[tuple[int, int]]] = {}
    for first, following in zip(starts, [*starts[1:], LAST_PORT + 1], strict=True):
        here = [each for each in about if holds(((each.first, each.last),), first, following - 1)]
        for version in (FOUR, SIX):
            for source in networks(version, merged(span for each in here for span in each.sources[version])):
                found.setdefault(source, []).append((first, following - 1))
    for source, spans in found.items():
        for first, last in merged(spans):
            yield f"{protocol}/{first if first == last else f'{first}-{last}'} {source}"
