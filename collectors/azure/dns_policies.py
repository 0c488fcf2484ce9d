"""DNS security policies: which virtual networks have the names that they look up written down."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.azure.diagnostics import destination, settings_of
from collectors.azure.kinds import of_resource, of_subscription
from collectors.azure.resources import name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.network import DnsQueries

TYPE = "Microsoft.Network/dnsResolverPolicies"
VERSION = "2025-05-01"
NETWORK_VERSION = "2023-05-01"

NETWORK = of_subscription("azure.dns.network", "Microsoft.Network/virtualNetworks", NETWORK_VERSION)
POLICY = of_subscription("azure.dns.policy", TYPE, VERSION, volatile=("etag", "systemData"))
LINKS = of_resource(
    "azure.dns.policy_links", f"{TYPE}/virtualNetworkLinks", VERSION, below="virtualNetworkLinks", items="value"
)
LOGS = settings_of("azure.dns.policy_logs")
KEPT = frozenset({"id", "location", "name"})
"""What is kept of a network: its settings are another collector's."""
ANSWERS = "DnsResponse"
"""The category of log entries with one line for each question and its answer."""


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every network, by name only, and every policy with the networks that it is put on and where it logs to."""
    for network in azure.listing(NETWORK):
        kept = {key: value for key, value in network.items() if key in KEPT}
        yield azure.document(NETWORK, uid_of(network), kept)
    for policy in azure.listing(POLICY):
        uid = uid_of(policy)
        yield azure.document(POLICY, uid, policy)
        for kind in (LINKS, LOGS):
            yield Then(gathered, (kind, uid), f"{uid}/{kind.operation}")


def gathered(azure: Reader, kind: Kind, uid: str) -> Iterator[Document]:
    """All of one kind that a policy has, as one document."""
    yield from azure.gather(kind, uid, id=uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per network."""
    for network in docs.of(NETWORK):
        policies = [policy for policy in docs.of(POLICY) if _concerns(docs, policy, network.uid) is True]
        yield DnsQueries(
            resource=docs.resource("network", network.uid, name_of(network.body), place_of(network.body)),
            documents=docs.about(network.uid, *policies),
            logged=_logged(docs, network.uid),
        )


def _logged(docs: Documents, network: str) -> bool | Unread:
    """One policy of the network that logs settles it; without one, whatever is unread might have been it."""
    missing = docs.complete(POLICY, "global")
    for policy in docs.of(POLICY):
        concerns = _concerns(docs, policy, network)
        logs = docs.value(LOGS, policy.uid, lambda body: destination(body, ANSWERS) is not None)
        if concerns is True and logs is True:
            return True
        if concerns is not False and logs is not False:
            missing = missing or next(each for each in (concerns, logs) if isinstance(each, Unread))
    return missing or False


def _concerns(docs: Documents, policy: Document, network: str) -> bool | Unread:
    """The policy is put on a network."""
    return docs.value(LINKS, policy.uid, lambda body: network in map(linked, body["value"]))


def linked(link: Body) -> str:
    """Uid of the network that a link puts a policy on."""
    return str(properties(link)["virtualNetwork"]["id"]).lower()


COLLECTOR = Collector(
    id="azure.dns_policies",
    title="DNS security policies",
    scope="global",
    kinds=(NETWORK, POLICY, LINKS, LOGS),
    emits={DnsQueries: NETWORK},
    source=f"Azure DNS resolver policies {VERSION}; Azure Monitor diagnostic settings",
    fetch=fetch,
    shape=shape,
)
