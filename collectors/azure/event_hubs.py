"""Event Hubs: how long records stay, and who reaches the namespaces that hold them."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Then
from collectors.azure.endpoints import EVERYWHERE, is_public, networks, private_endpoints, tls_version
from collectors.azure.kinds import of_resource, of_subscription
from collectors.azure.resources import name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.data_access import DataEndpoint
from collectors.facts.stores import Stream

TYPE = "Microsoft.EventHub/namespaces"
VERSION = "2024-01-01"
HOURS_OF_A_DAY = 24

NAMESPACE = of_subscription(
    "azure.eventhub.namespace", TYPE, VERSION, volatile=("properties.updatedAt", "properties.status")
)
HUB = of_resource(
    "azure.eventhub.hub",
    f"{TYPE}/eventhubs",
    VERSION,
    below="eventhubs",
    items="value",
    within=NAMESPACE,
    volatile=("properties.updatedAt",),
)
RULES = of_resource("azure.eventhub.rules", f"{TYPE}/networkRuleSets", VERSION, below="networkRuleSets/default")
OLDEST_TLS = "1.0"
"""What a namespace accepts that says nothing: Event Hubs resource provider, `minimumTlsVersion`."""


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every namespace with its hubs and its network rules."""
    for namespace in azure.listing(NAMESPACE):
        uid = uid_of(namespace)
        yield azure.document(NAMESPACE, uid, namespace)
        yield Then(hubs, (uid,), f"{uid}/{HUB.operation}")
        yield Then(rules, (uid,), f"{uid}/{RULES.operation}")


def hubs(azure: Reader, uid: str) -> Iterator[Document]:
    """Every hub of one namespace."""
    for hub in azure.listing(HUB, within=uid, id=uid):
        yield azure.document(HUB, uid_of(hub), hub)


def rules(azure: Reader, uid: str) -> Iterator[Document]:
    """Who may connect to one namespace."""
    yield from azure.read(RULES, uid, id=uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """Each namespace as an address, each hub as a stream."""
    places = {}
    for namespace in docs.of(NAMESPACE):
        places[namespace.uid] = place_of(namespace.body)
        yield _endpoint(docs, namespace)
    for hub in docs.of(HUB):
        owner = hub.uid.rpartition("/eventhubs/")[0]
        name = f"{owner.rpartition('/')[2]}/{name_of(hub.body)}"
        yield Stream(
            resource=docs.resource("stream", hub.uid, name, places[owner]),
            documents=docs.about(hub.uid),
            encrypted_at_rest=True,  # Azure leaves no record plain: Event Hubs, encryption at rest
            kept_hours=docs.field(HUB, hub, kept_hours),
        )


def _endpoint(docs: Documents, namespace: Document) -> DataEndpoint:
    uid = namespace.uid
    return DataEndpoint(
        resource=docs.resource("stream_service", uid, name_of(namespace.body), place_of(namespace.body)),
        documents=docs.about(uid),
        service="event hub namespace",
        requires_tls=True,  # no protocol of theirs knows a plain connection: Event Hubs, AMQP over port 5671
        minimum_tls=docs.field(
            NAMESPACE, namespace, lambda body: tls_version(properties(body).get("minimumTlsVersion") or OLDEST_TLS)
        ),
        open_ranges=_ranges(docs, namespace),
        # The exception for "trusted services" lets in named services of Azure, not what customers run there.
        admits_provider=False,
        private_endpoints=docs.field(NAMESPACE, namespace, private_endpoints),
    )


def _ranges(docs: Documents, namespace: Document) -> tuple[str, ...] | Unread:
    """Public networks that may connect; a namespace without a public address needs no rules to say so."""
    public = docs.field(NAMESPACE, namespace, lambda body: is_public(properties(body)))
    if isinstance(public, Unread):
        return public
    return docs.value(RULES, namespace.uid, lambda body: admitted(properties(body))) if public else ()


def admitted(said: Body) -> tuple[str, ...]:
    """Public networks from which a namespace takes connections, by its rules.

    Without rules of either kind everything is let in, whatever the default action says: Event Hubs, IP firewall.
    """
    if not is_public(said):
        return ()
    addresses = [str(rule["ipMask"]) for rule in said.get("ipRules") or ()]
    if str(said["defaultAction"]).lower() == "allow" or not (addresses or said.get("virtualNetworkRules")):
        return EVERYWHERE
    return networks(addresses)


def kept_hours(hub: Body) -> int:
    """Hours that a record stays, by the newer setting or by the older one in days.

    A hub that keeps the last record of each key says the greatest number there is.
    """
    said = properties(hub)
    newer = (said.get("retentionDescription") or {}).get("retentionTimeInHours")
    return int(newer) if newer is not None else int(said["messageRetentionInDays"]) * HOURS_OF_A_DAY


COLLECTOR = Collector(
    id="azure.event_hubs",
    title="Event hubs",
    scope="global",
    kinds=(NAMESPACE, HUB, RULES),
    emits={DataEndpoint: NAMESPACE, Stream: HUB},
    source=f"Azure Event Hubs resource provider {VERSION}",
    fetch=fetch,
    shape=shape,
)
