"""Azure Firewalls: whether they stop traffic of attackers that Microsoft knows."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.network import NetworkFirewall

VERSION = "2023-05-01"

FIREWALL = of_subscription("azure.network.firewall", "Microsoft.Network/azureFirewalls", VERSION)
POLICY = of_subscription("azure.network.firewall_policy", "Microsoft.Network/firewallPolicies", VERSION)
MODES = {"deny": True, "alert": False, "off": False}
"""What is done with such traffic, and whether that stops it."""
UNSTATED = "Alert"
"""The mode of a firewall, and of a policy, that names none: Azure Firewall, threat intelligence-based filtering."""


def fetch(azure: Reader) -> Iterator[Document]:
    """Every firewall, then every policy."""
    for kind in (FIREWALL, POLICY):
        for item in azure.listing(kind):
            yield azure.document(kind, uid_of(item), item)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per firewall."""
    for firewall in docs.of(FIREWALL):
        policy = docs.field(FIREWALL, firewall, policy_of)
        read = docs.get(POLICY, policy) if isinstance(policy, str) else None
        yield NetworkFirewall(
            resource=docs.resource("network_firewall", firewall.uid, name_of(firewall.body), place_of(firewall.body)),
            documents=docs.about(firewall.uid, *([read] if isinstance(read, Document) else ())),
            stops_known_attackers=_stops(docs, firewall, policy),
        )


def _stops(docs: Documents, firewall: Document, policy: str | None | Unread) -> bool | Unread:
    """A firewall that has a policy heeds that alone; one policy cannot be milder than the one that it builds on."""
    if isinstance(policy, Unread):
        return policy
    return docs.value(POLICY, policy, denies) if policy else docs.field(FIREWALL, firewall, denies)


def policy_of(body: Body) -> str | None:
    """Uid of the policy of a firewall; None for one with rules of its own."""
    policy = properties(body).get("firewallPolicy")
    return str(policy["id"]).lower() if policy else None


def denies(body: Body) -> bool:
    """Hostile traffic is refused.  Raises KeyError for a mode that Azure has not."""
    return MODES[str(properties(body).get("threatIntelMode") or UNSTATED).lower()]


COLLECTOR = Collector(
    id="azure.network_firewalls",
    title="Azure Firewalls",
    scope="global",
    kinds=(FIREWALL, POLICY),
    emits={NetworkFirewall: FIREWALL},
    source=f"Azure Network resource provider {VERSION}",
    fetch=fetch,
    shape=shape,
)
