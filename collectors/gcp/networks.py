"""Networks: what their firewalls let in, whether flows and names looked up are written down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.network import DnsQueries, Network, NetworkGuard
from collectors.gcp.firewall import Level, classic, doors, policy
from collectors.gcp.kinds import DISABLED, rest
from collectors.gcp.names import compute_uid, place_of
from collectors.gcp.session import Reader


def _compute(name: str, operation: str, path: str, items: str, permission: str) -> Kind:
    """A listing of Compute Engine, which is empty where it is not enabled: see gcp.compute_instances."""
    return rest(
        name,
        "compute",
        operation,
        f"/compute/v1/projects/{{project}}/{path}?maxResults=500",
        permission=permission,
        items=items,
        omits_empty=True,
        absent=(DISABLED,),
        volatile=("fingerprint",),
    )


NETWORK = _compute("gcp.compute.network", "networks.list", "global/networks", "items", "compute.networks.list")
SUBNET = _compute(
    "gcp.compute.subnet",
    "subnetworks.aggregatedList",
    "aggregated/subnetworks",
    "items.*.subnetworks",
    "compute.subnetworks.list",
)
REGIONAL = _compute(
    "gcp.compute.firewall_policy",
    "networkFirewallPolicies.aggregatedList",
    "aggregated/firewallPolicies",
    "items.*.firewallPolicies",
    "compute.firewallPolicies.list",
)
RULES = rest(
    "gcp.compute.effective_firewalls",
    "compute",
    "networks.getEffectiveFirewalls",
    "/compute/v1/projects/{project}/global/networks/{network}/getEffectiveFirewalls",
    permission="compute.networks.getEffectiveFirewalls",
)
DNS = rest(
    "gcp.dns.policy",
    "dns",
    "policies.list",
    "/dns/v1/projects/{project}/policies?maxResults=500",
    permission="dns.policies.list",
    items="policies",
    omits_empty=True,
)
MACHINES = frozenset({"", "PRIVATE"})
"""Purposes of subnets that machines stand in; others hold proxies and translators, which have no flow logs."""
AFTER, BEFORE = "AFTER_CLASSIC_FIREWALL", "BEFORE_CLASSIC_FIREWALL"
"""Whether policies of the network are asked after its own firewall rules, as is the default, or before."""


def fetch(gcp: Reader) -> Iterator[Document | Then]:
    """Every network with all rules that count for it, every subnet, the policies of regions and of the DNS."""
    for network in gcp.listing(NETWORK):
        uid = compute_uid(network["selfLink"])
        yield gcp.document(NETWORK, uid, network)
        yield Then(rules, (uid, network["name"]), f"{uid}/{RULES.operation}")
    for kind in (SUBNET, REGIONAL):
        for item in gcp.listing(kind):
            yield gcp.document(kind, compute_uid(item["selfLink"]), item)
    for item in gcp.listing(DNS):
        yield gcp.document(DNS, f"//dns.googleapis.com/projects/{gcp.account}/policies/{item['id']}", item)


def rules(gcp: Reader, uid: str, name: str) -> Iterator[Document]:
    """All rules that count for one network, those of the organization and its folders too."""
    yield from gcp.read(RULES, uid, network=name)


def shape(docs: Documents) -> Iterator[Fact]:
    """Three facts per network."""
    for network in docs.of(NETWORK):
        uid, name = network.uid, network.body["name"]
        subnets = [each for each in docs.of(SUBNET) if _is_in(each.body, uid)]
        logged = _flow_logged(docs, subnets)
        yield Network(
            resource=docs.resource("network", uid, name, "global"),
            documents=docs.about(uid, *subnets),
            flow_logged=logged,
            # What a rule turns away on its way in is not logged: VPC Flow Logs, how packets are sampled.
            flow_log_traffic="ACCEPT" if logged is True else None if logged is False else logged,
        )
        regional = [each for each in docs.of(REGIONAL) if place_of(each.uid) != "global" and _is_on(each.body, uid)]
        yield NetworkGuard(
            resource=docs.resource("network_guard", uid, name, "global"),
            documents=docs.about(uid, *regional),
            attached=docs.field(NETWORK, network, has_subnets),
            doors=_doors(docs, network, regional),
        )
        policies = [each for each in docs.of(DNS) if _serves(each.body, uid)]
        yield DnsQueries(
            resource=docs.resource("network", uid, name, "global"),
            documents=docs.about(uid, *policies),
            logged=_queries_logged(docs, policies),
        )


def _is_in(subnet: Body, network: str) -> bool:
    return bool(compute_uid(subnet["network"]) == network)


def _is_on(found: Body, network: str) -> bool:
    """The policy is put on a network."""
    return any(compute_uid(each["attachmentTarget"]) == network for each in found.get("associations") or ())


def _serves(found: Body, network: str) -> bool:
    return any(compute_uid(each["networkUrl"]) == network for each in found.get("networks") or ())


def has_subnets(body: Body) -> bool:
    """Machines can stand in it: it has subnets, or is of the old kind that needs none."""
    return bool(body.get("subnetworks")) or "IPv4Range" in body


def _flow_logged(docs: Documents, subnets: Sequence[Document]) -> bool | Unread:
    """Every subnet for machines has its flows logged.  One that is known to have not decides."""
    meant = [each for each in subnets if str(each.body.get("purpose") or "") in MACHINES]
    if not all(logs_flows(each.body) for each in meant):
        return False
    return docs.complete(SUBNET, "global") or bool(meant)


def logs_flows(subnet: Body) -> bool:
    """By the newer word or the older one, both of which Google leaves out where it is off."""
    return bool((subnet.get("logConfig") or {}).get("enable", False)) or bool(subnet.get("enableFlowLogs", False))


def _queries_logged(docs: Documents, policies: Sequence[Document]) -> bool | Unread:
    """The policy of the network writes names down.  A network has one policy at most."""
    for each in policies:
        return docs.field(DNS, each, lambda body: bool(body.get("enableLogging", False)))
    return docs.complete(DNS, "global") or False


def _doors(docs: Documents, network: Document, regional: Sequence[Document]) -> tuple[str, ...] | Unread:
    """What comes in anywhere: in some region, policies of its own may open more, or less."""
    unlisted = docs.complete(REGIONAL, "global")
    if unlisted is not None:
        return unlisted
    order = docs.field(NETWORK, network, lambda body: str(body.get("networkFirewallPolicyEnforcementOrder") or AFTER))
    if isinstance(order, Unread):
        return order
    places: list[list[Body]] = [[], *([each.body] for each in regional)]
    return docs.value(RULES, network.uid, partial(opened, network=network.uid, order=order, places=places))


def opened(body: Body, network: str, order: str, places: Sequence[Sequence[Body]]) -> tuple[str, ...]:
    """The doors of a network over all its places, each with policies of its own.

    Raises ValueError for an order or a set of rules that is not known.
    """
    found: dict[str, None] = {}
    for here in places:
        found |= dict.fromkeys(doors(levels(body, network, order, here)))
    return tuple(found)


def levels(body: Body, network: str, order: str, here: Sequence[Body]) -> list[Level]:
    """The sets of rules in the order in which Google asks them: firewall policies, policy and rule evaluation order.

    Policies of the organization come before those of folders, in the order of the answer.
    """
    above: list[Level] = []
    own: list[Level] = []
    for each in body.get("firewallPolicys") or ():
        if each["type"] not in {"HIERARCHY", "NETWORK"}:
            raise ValueError(f"{each['type']} is no set of rules that is known")
        (above if each["type"] == "HIERARCHY" else own).append(policy(each.get("rules") or (), network))
    own += [policy(each["rules"], network) for each in here]
    rules_of_network = classic(body.get("firewalls") or ())
    if order == BEFORE:
        return [*above, *own, rules_of_network]
    if order != AFTER:
        raise ValueError(f"{order} is no order")
    return [*above, rules_of_network, *own]


COLLECTOR = Collector(
    id="gcp.networks",
    title="Networks and their firewalls",
    scope="global",
    kinds=(NETWORK, SUBNET, REGIONAL, RULES, DNS),
    emits={Network: NETWORK, NetworkGuard: NETWORK, DnsQueries: NETWORK},
    source="Compute Engine API v1; Cloud DNS API v1",
    fetch=fetch,
    shape=shape,
)
