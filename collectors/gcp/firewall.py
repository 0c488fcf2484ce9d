"""What the firewalls of a network let in from outside, once all rules are weighed against each other.

Google asks one set of rules after the other: policies of the organization and its folders, the network's own firewall
rules, and network firewall policies, of which a region can have one of its own.  The first rule of a set that matches
decides, or hands over to the next set; what nobody decides is denied.  So the sources are dealt out here in that very
order, for every port, and for every kind of machine that rules tell apart.

Nothing is guessed: rules that name places or lists of addresses that only Google knows raise ValueError where they
open something, and keep nobody out where they deny.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from ipaddress import ip_network

from collectors.address_sets import (
    EVERY,
    FOUR,
    NOTHING,
    SIX,
    Spans,
    addresses,
    common,
    holds,
    merged,
    networks,
    without,
)
from collectors.api import Body

PROTOCOLS = {"tcp": "6", "udp": "17"}
_EVERY_PORT = ((0, 65535),)
_OPAQUE = ("srcFqdns", "srcRegionCodes", "srcThreatIntelligences", "srcAddressGroups")
"""Sources that only Google can turn into addresses."""
_INSIDE = ("srcSecureTags", "srcNetworks")
"""Sources that are machines of the company's networks."""


class Action(Enum):
    """What a rule does with what it matches."""

    ALLOW = "allow"
    DENY = "deny"
    NEXT = "goto_next"


ACTIONS = {
    "allow": Action.ALLOW,
    "apply_security_profile_group": Action.ALLOW,  # what its inspection lets pass goes in
    "deny": Action.DENY,
    "goto_next": Action.NEXT,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule about what comes in."""

    action: Action
    ports: dict[str, Spans]
    """Of `tcp` and `udp`."""
    four: Spans
    six: Spans
    targets: frozenset[str]
    """Tags and accounts of the machines that it is about; empty for every machine."""
    whole: bool
    """It is about every address of these machines, and about every caller from its sources."""

    def of(self, version: int) -> Spans:
        """Its sources of a version of IP."""
        return self.four if version == FOUR else self.six


Level = Sequence[Rule]
"""The rules of one set, the first one that is asked first."""


def doors(levels: Iterable[Level]) -> tuple[str, ...]:
    """What sets of rules let in, asked one after the other, as `NetworkGuard.doors` has it."""
    asked = [list(level) for level in levels]
    return tuple(line for protocol in PROTOCOLS for line in _opened(asked, protocol))


def _opened(levels: list[list[Rule]], protocol: str) -> Iterator[str]:
    """The doors of one protocol, ports with the same sources joined."""
    rules = [rule for level in levels for rule in level if rule.ports[protocol]]
    if not any(rule.action is Action.ALLOW for rule in rules):
        return
    edges = {0} | {edge for rule in rules for a, b in rule.ports[protocol] for edge in (a, b + 1) if edge <= 65535}  # noqa: PLR2004
    starts = sorted(edges)
    # Labels only ever take machines out of reach or into it one rule at a time, so one label tells all.
    kinds: list[frozenset[str]] = [frozenset(), *(frozenset({label}) for label in _labels(rules))]
    found: dict[str, list[tuple[int, int]]] = {}
    for first, following in zip(starts, [*starts[1:], 65536], strict=True):
        here = [[rule for rule in level if holds(rule.ports[protocol], first, following - 1)] for level in levels]
        for version in (FOUR, SIX):
            spans = merged(span for kind in kinds for span in _let_in(here, kind, version))
            for source in networks(version, spans):
                found.setdefault(source, []).append((first, following - 1))
    for source, ports in found.items():
        for first, last in merged(ports):
            yield f"{protocol}/{first if first == last else f'{first}-{last}'} {source}"


def _labels(rules: Iterable[Rule]) -> list[str]:
    return sorted({label for rule in rules for label in rule.targets})


def _let_in(levels: list[list[Rule]], labels: frozenset[str], version: int) -> Spans:
    """Addresses from which something may reach a machine with these labels, on a port that all the rules are about."""
    opened, asking = NOTHING, EVERY[version]
    for level in levels:
        handed: Spans = NOTHING
        for rule in level:
            if rule.targets and not rule.targets & labels:
                continue
            met = common(asking, rule.of(version))
            if rule.action is Action.ALLOW:
                opened = merged([*opened, *met])
            elif rule.action is Action.NEXT:
                handed = merged([*handed, *met])
            if rule.whole:
                asking = without(asking, met)
        asking = merged([*asking, *handed])
    return opened


def classic(firewalls: Iterable[Body]) -> Level:
    """The firewall rules of a network itself.  Of two with the same number, the one that denies counts."""
    found = [each for each in firewalls if _counts(each)]
    ordered = sorted(found, key=lambda each: (int(each["priority"]), "denied" not in each))
    return [_classic(each) for each in ordered]


def _classic(body: Body) -> Rule:
    denies = "denied" in body
    named = [*(body.get("sourceTags") or ()), *(body.get("sourceServiceAccounts") or ())]
    ranges = body.get("sourceRanges") or ([] if named else ["0.0.0.0/0"])  # REST resource firewalls, `sourceRanges`
    four, six = _spans(ranges)
    tags = [f"tag {each}" for each in body.get("targetTags") or ()]
    accounts = [f"account {each}" for each in body.get("targetServiceAccounts") or ()]
    return Rule(
        action=Action.DENY if denies else Action.ALLOW,
        ports=_ports((each["IPProtocol"], each.get("ports")) for each in body["denied" if denies else "allowed"]),
        four=four,
        six=six,
        targets=frozenset([*tags, *accounts]),
        whole=_covers(body.get("destinationRanges")),
    )


def policy(rules: Iterable[Body], network: str) -> Level:
    """The rules of a firewall policy that are about a network."""
    found = [each for each in rules if _counts(each)]
    ordered = sorted(found, key=lambda each: int(each["priority"]))
    return [_of_policy(each) for each in ordered if _is_about(each, network)]


def _of_policy(body: Body) -> Rule:
    action, match = ACTIONS[body["action"]], body["match"]
    opaque = any(match.get(key) for key in _OPAQUE)
    context = str(match.get("srcNetworkContext") or match.get("srcNetworkScope") or match.get("srcNetworkType") or "")
    if opaque and action is not Action.DENY:
        raise ValueError(f"rule {body['priority']} names sources that only the provider can tell")
    inside = any(match.get(key) for key in _INSIDE) or context in {"NON_INTERNET", "VPC_NETWORKS", "INTRA_VPC"}
    ranges = match.get("srcIpRanges") or ([] if inside or opaque else ["0.0.0.0/0", "::/0"])
    if context in {"NON_INTERNET", "VPC_NETWORKS", "INTRA_VPC"}:
        ranges = []  # whatever the addresses, the caller does not come from the internet
    four, six = _spans(ranges)
    tags = [f"secure tag {each['name']}" for each in body.get("targetSecureTags") or ()]
    accounts = [f"account {each}" for each in body.get("targetServiceAccounts") or ()]
    return Rule(
        action=action,
        ports=_ports((each["ipProtocol"], each.get("ports")) for each in match["layer4Configs"]),
        four=four,
        six=six,
        targets=frozenset([*tags, *accounts]),
        whole=_covers(match.get("destIpRanges")) and not any(match.get(key) for key in _NARROWING),
    )


_NARROWING = ("destAddressGroups", "destFqdns", "destNetworkContext", "destNetworkScope", "destRegionCodes")
"""What makes a rule be about some destinations only."""


def _counts(body: Body) -> bool:
    """A rule about what comes in, that is not switched off.  Left out, a rule is about what comes in."""
    direction = str(body.get("direction") or "INGRESS")
    if direction not in {"INGRESS", "EGRESS"}:
        raise ValueError(f"{direction} is no direction")
    return direction == "INGRESS" and not body.get("disabled", False)


def _is_about(body: Body, network: str) -> bool:
    """A rule of a policy is about every network below it unless it names some."""
    named = [str(each).partition("/projects/")[2] for each in body.get("targetResources") or ()]
    return not named or network.partition("projects/")[2] in named


def _covers(destinations: Sequence[str] | None) -> bool:
    """The rule is about every address of a machine."""
    return not destinations or {"0.0.0.0/0", "::/0"} <= set(destinations)


def _spans(ranges: Iterable[str]) -> tuple[Spans, Spans]:
    found: dict[int, list[tuple[int, int]]] = {FOUR: [], SIX: []}
    for text in ranges:
        network = ip_network(text, strict=False)
        found[network.version].append(addresses(network))
    return merged(found[FOUR]), merged(found[SIX])


def _ports(configs: Iterable[tuple[str, Sequence[str] | None]]) -> dict[str, Spans]:
    """Ports of each protocol that matters here; one that names no ports is about all of them."""
    found: dict[str, list[tuple[int, int]]] = {protocol: [] for protocol in PROTOCOLS}
    for said, ports in configs:
        for protocol, number in PROTOCOLS.items():
            if str(said).lower() in {protocol, number, "all"}:
                found[protocol] += [_span(each) for each in ports] if ports else _EVERY_PORT
    return {protocol: merged(spans) for protocol, spans in found.items()}


def _span(text: str) -> tuple[int, int]:
    """`22` or `8000-8080`.  Raises ValueError for anything else."""
    first, _, last = str(text).partition("-")
    span = int(first), int(last or first)
    if not 0 <= span[0] <= span[1] <= _EVERY_PORT[0][1]:
        raise ValueError(f"{text!r} is no range of ports")
    return span
