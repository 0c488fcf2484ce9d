"""What the rules of a network security group let in from outside, once each is weighed against those before it.

Azure takes the rule with the lowest number that matches a packet, and so does this: for every protocol, port and
destination that rules tell apart, the sources are dealt out in the order of the rules.  Nothing is guessed from names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_network

from collectors.address_sets import EVERY, FOUR, NOTHING, PUBLIC, SIX, Spans, common, holds, merged, networks, without
from collectors.address_sets import addresses as ends
from collectors.api import Body
from collectors.azure.resources import properties

PROVIDER = "provider"
"""In a door: everything that runs at Azure, other customers' machines too."""
_DATACENTERS = "azurecloud"
"""The tag for all public addresses of Azure's data centers; behind a dot it can name a region."""
_ANY = ("*", "any")
_PORTS = ((0, 65535),)
_PROTOCOLS = ("tcp", "udp")
_OTHER_PROTOCOLS = ("icmp", "esp", "ah", "icmpv6")
_TAG = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Ends:
    """One end of a connection, as a rule names it."""

    four: Spans = NOTHING
    six: Spans = NOTHING
    tags: frozenset[str] = frozenset()
    """Service tags and application security groups, in lower case."""

    def of(self, version: int) -> Spans:
        """Its addresses of a version of IP."""
        return self.four if version == FOUR else self.six


@dataclass(frozen=True, slots=True)
class Rule:
    """One inbound rule."""

    priority: int
    allow: bool
    protocols: tuple[str, ...]
    """Those of `tcp` and `udp` that it is about."""
    ports: Spans
    every_source_port: bool
    sources: Ends
    destinations: Ends


def doors(group: Body) -> tuple[str, ...]:
    """What a group lets in, as `NetworkGuard.doors` has it.  Raises KeyError, ValueError for what is not understood."""
    said = properties(group)
    rules = [rule(each) for each in [*said["securityRules"], *said["defaultSecurityRules"]] if _is_inbound(each)]
    rules.sort(key=lambda each: each.priority)
    return tuple(line for protocol in _PROTOCOLS for line in _opened(rules, protocol))


def _is_inbound(body: Body) -> bool:
    direction = str(properties(body)["direction"]).lower()
    if direction not in {"inbound", "outbound"}:
        raise ValueError(f"{direction} is no direction")
    return direction == "inbound"


def rule(body: Body) -> Rule:
    """A rule in our words."""
    said = properties(body)
    access, protocol = str(said["access"]).lower(), str(said["protocol"]).lower()
    if access not in {"allow", "deny"}:
        raise ValueError(f"{access} is neither allow nor deny")
    if protocol not in (*_ANY, *_PROTOCOLS, *_OTHER_PROTOCOLS):
        raise ValueError(f"{protocol} is no protocol")
    return Rule(
        priority=int(said["priority"]),
        allow=access == "allow",
        protocols=_PROTOCOLS if protocol in _ANY else tuple(each for each in _PROTOCOLS if each == protocol),
        ports=ports(_named(said, "destinationPortRange")),
        every_source_port=ports(_named(said, "sourcePortRange")) == _PORTS,
        sources=_sources(said),
        destinations=_destinations(said, allow=access == "allow"),
    )


def _named(said: Body, key: str) -> list[str]:
    """All that a rule says under a key, alone or in a list.  Raises KeyError where it says nothing at all."""
    found = [str(said[key])] if said.get(key) else []
    found += map(str, said.get(f"{key}s" if not key.endswith("Prefix") else f"{key}es") or ())
    if not found:
        raise KeyError(key)
    return found


def ports(texts: Iterable[str]) -> Spans:
    """Ports, ranges of them, or `*`.  Raises ValueError for anything else."""
    found: list[tuple[int, int]] = []
    for text in (part.strip() for each in texts for part in each.split(",")):
        if text in _ANY:
            found += _PORTS
            continue
        first, _, last = text.partition("-")
        span = int(first), int(last or first)
        if not 0 <= span[0] <= span[1] <= _PORTS[0][1]:
            raise ValueError(f"{text!r} is no range of ports")
        found.append(span)
    return merged(found)


def _end(said: Body, side: str) -> tuple[list[str], frozenset[str]]:
    """Prefixes and tags of a side, and its application security groups."""
    groups = frozenset(str(each["id"]).lower() for each in said.get(f"{side}ApplicationSecurityGroups") or ())
    key = f"{side}AddressPrefix"
    return (_named(said, key) if not groups or said.get(key) or said.get(f"{key}es") else []), groups


def _sources(said: Body) -> Ends:
    """Where a rule's connections come from.  An application security group holds machines of the network itself."""
    prefixes, groups = _end(said, "source")
    spans: dict[int, list[tuple[int, int]]] = {FOUR: [], SIX: []}
    tags = set(groups)
    for text in map(str.lower, prefixes):
        if text in _ANY:
            spans[FOUR] += EVERY[FOUR]
            spans[SIX] += EVERY[SIX]
        elif text == "internet":
            spans[FOUR] += PUBLIC[FOUR]
            spans[SIX] += PUBLIC[SIX]
        elif _TAG.fullmatch(text):
            tags.add(text)
        else:
            network = ip_network(text, strict=False)
            spans[network.version].append(ends(network))
    return Ends(merged(spans[FOUR]), merged(spans[SIX]), frozenset(tags))


def _destinations(said: Body, *, allow: bool) -> Ends:
    """Which machines a rule is about.  The tag of the network itself means all of them.

    Any other tag is taken for all machines where a rule allows, and for none where it denies.
    """
    prefixes, groups = _end(said, "destination")
    spans: dict[int, list[tuple[int, int]]] = {FOUR: [], SIX: []}
    for text in map(str.lower, prefixes):
        if text in _ANY or text == "virtualnetwork" or (allow and _TAG.fullmatch(text)):
            spans[FOUR] += EVERY[FOUR]
            spans[SIX] += EVERY[SIX]
        elif not _TAG.fullmatch(text):
            network = ip_network(text, strict=False)
            spans[network.version].append(ends(network))
    return Ends(merged(spans[FOUR]), merged(spans[SIX]), groups)


def _opened(rules: list[Rule], protocol: str) -> Iterator[str]:
    """The doors of one protocol, ports with the same sources joined."""
    # Whoever connects picks the port it comes from, so a denial that names some of them keeps nobody out.
    counting = [each for each in rules if protocol in each.protocols and (each.allow or each.every_source_port)]
    open_: dict[str, list[tuple[int, int]]] = {}
    for first, last in _parts((span for each in counting for span in each.ports), *_PORTS[0]):
        here = [each for each in counting if holds(each.ports, first, last)]
        for source in dict.fromkeys(line for version in (FOUR, SIX) for line in _from(here, version)):
            open_.setdefault(source, []).append((first, last))
    for source, spans in open_.items():
        for first, last in merged(spans):
            yield f"{protocol}/{first if first == last else f'{first}-{last}'} {source}"


def _parts(spans: Iterable[tuple[int, int]], lowest: int, highest: int) -> list[tuple[int, int]]:
    """All numbers, cut wherever one of the spans begins or ends."""
    starts = sorted({lowest, *(edge for first, last in spans for edge in (first, last + 1) if edge <= highest)})
    return list(zip(starts, [*(start - 1 for start in starts[1:]), highest], strict=True))


def _from(rules: list[Rule], version: int) -> Iterator[str]:
    """Public networks of a version of IP from which the rules, all of one port, let something in."""
    if not any(each.allow for each in rules):
        return
    allowed: list[tuple[int, int]] = []
    provider = False
    for reaching in _destined(rules, version):
        spans, lets_provider = _dealt(reaching, version)
        allowed += spans
        provider = provider or lets_provider
    yield from networks(version, merged(allowed))
    if provider:
        yield PROVIDER


def _destined(rules: list[Rule], version: int) -> Iterator[list[Rule]]:
    """For each destination that the rules tell apart, those that are about it."""
    spans = (span for each in rules for span in each.destinations.of(version))
    for first, last in _parts(spans, *EVERY[version][0]):
        yield [each for each in rules if holds(each.destinations.of(version), first, last)]
    for group in sorted({group for each in rules for group in each.destinations.tags}):
        # Which addresses the members of a group have is not known here: only rules for all addresses reach them too.
        yield [
            each for each in rules if group in each.destinations.tags or each.destinations.of(version) == EVERY[version]
        ]


def _dealt(rules: list[Rule], version: int) -> tuple[Spans, bool]:
    """The sources that get in when rules are asked in turn, and whether all of Azure does so by its tag."""
    left, allowed, provider = PUBLIC[version], NOTHING, False
    tags = {tag for each in rules for tag in each.sources.tags if tag.partition(".")[0] == _DATACENTERS}
    for each in rules:
        met = {tag for tag in tags if tag in each.sources.tags or _DATACENTERS in each.sources.tags}
        if each.allow:
            allowed = merged([*allowed, *common(left, each.sources.of(version))])
            provider = provider or bool(met)
        left = without(left, each.sources.of(version))
        # Azure's addresses are public ones: when none of these is left, no tag has any.
        tags = tags - met if left else set()
    return allowed, provider
