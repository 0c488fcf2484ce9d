"""Service Bus namespaces: how the messages of their queues and topics are encrypted, and where failed ones end."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.processing import UnattendedWork
from collectors.facts.stores import Queue, Topic

VERSION = "2021-11-01"

NAMESPACE = of_subscription(
    "azure.servicebus.namespace", "Microsoft.ServiceBus/namespaces", VERSION, volatile=("properties.updatedAt",)
)
DEAD_LETTERS = "deadletteredmessages"
"""The measure that counts messages which nobody could process, in the namespace as a whole."""
PROVIDERS_KEY = "Microsoft-managed key"
"""With which all messages are encrypted unless a key of the customer's is named: Service Bus, encryption at rest."""


def fetch(azure: Reader) -> Iterator[Document]:
    """Every namespace of the subscription."""
    for namespace in azure.listing(NAMESPACE):
        yield azure.document(NAMESPACE, uid_of(namespace), namespace)


def shape(docs: Documents) -> Iterator[Fact]:
    """One queue, one topic and what becomes of messages, per namespace: it holds the setting for all of them.

    The basic tier has no topics.
    """
    for namespace in docs.of(NAMESPACE):
        name, place = name_of(namespace.body), place_of(namespace.body)
        documents = docs.about(namespace.uid)
        yield Queue(
            resource=docs.resource("queue", namespace.uid, name, place),
            documents=documents,
            encrypted_at_rest=True,  # Azure leaves no message plain
            customer_key=docs.field(NAMESPACE, namespace, customer_key),
        )
        yield UnattendedWork(
            resource=docs.resource("queue", namespace.uid, name, place),
            documents=documents,
            what="namespace",
            # Each queue and subscription has a second queue for them, always: Service Bus, dead-letter queues.
            failures_kept=True,
            takes_failures=False,
            measures=(f"{DEAD_LETTERS} {namespace.uid}",),
            events=(),
        )
        if docs.field(NAMESPACE, namespace, has_topics) is not False:
            yield Topic(
                resource=docs.resource("topic", namespace.uid, name, place),
                documents=documents,
                encryption_key=docs.field(NAMESPACE, namespace, lambda body: customer_key(body) or PROVIDERS_KEY),
            )


def has_topics(body: Body) -> bool:
    """The namespace is of a tier with topics."""
    return str(body["sku"]["name"]).lower() != "basic"


def customer_key(body: Body) -> str | None:
    """The address of the key in the customer's vault; None for Microsoft's own."""
    keys = (properties(body).get("encryption") or {}).get("keyVaultProperties")
    return f"{keys[0]['keyVaultUri'].rstrip('/')}/keys/{keys[0]['keyName']}".lower() if keys else None


COLLECTOR = Collector(
    id="azure.service_bus",
    title="Service Bus namespaces",
    scope="global",
    kinds=(NAMESPACE,),
    emits={Queue: NAMESPACE, Topic: NAMESPACE, UnattendedWork: NAMESPACE},
    source=f"Azure Service Bus resource provider {VERSION}",
    fetch=fetch,
    shape=shape,
)
