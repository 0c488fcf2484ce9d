"""What Resource Graph knows of the subscription by itself: changes of resources, and how many there are of a type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors.api import Body, Collector, Document, Kind
from collectors.azure.kinds import arm
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.detection import InventoryCount
from collectors.facts.monitoring import ConfigurationRecorder

TYPE = "Microsoft.ResourceGraph/resources"
VERSION = "2021-03-01"
THINGS = {
    "log_store": "microsoft.operationalinsights/workspaces",
    "network": "microsoft.network/virtualnetworks",
    "object_store": "microsoft.storage/storageaccounts",
}
"""Neutral types of which the listings are held against a count, and Azure's names for them."""


def _question(query: str) -> dict[str, Any]:
    return {"subscriptions": ["{subscription}"], "query": query}


def _asked(name: str, query: str) -> Kind:
    """A question about the subscription that ends in one number, which changes whenever somebody adds a resource."""
    return arm(
        f"azure.resource_graph.{name}",
        TYPE,
        "/providers/Microsoft.ResourceGraph/resources",
        VERSION,
        post=_question(query),
        volatile=("*",),
    )


CHANGES = _asked("changes", "resourcechanges | count")
COUNTS = {thing: _asked(thing, f"Resources | where type =~ '{type_}' | count") for thing, type_ in THINGS.items()}


def fetch(azure: Reader) -> Iterator[Document]:
    """One number for each question."""
    for kind in (CHANGES, *COUNTS.values()):
        yield from azure.read(kind, azure.subscription_uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """The recorder of changes, and one fact per count."""
    subscription = f"/subscriptions/{docs.account}"
    recording = docs.value(CHANGES, subscription, lambda body: count(body) >= 0)
    yield ConfigurationRecorder(
        resource=docs.resource("recorder", subscription, docs.account, "global"),
        documents=docs.about(subscription),
        # Resource Graph records the changes of every resource by itself; nobody switches it on or off, and it says
        # nothing of single deliveries.  That it answers shows that it is there.  It keeps 14 days; older changes are
        # in the activity log, whose export is judged by itself.
        exists=recording,
        recording=recording,
        all_resources=recording,
        last_status=recording if isinstance(recording, Unread) else None,
    )
    for thing, kind in COUNTS.items():
        uid = f"{subscription}/inventory/{thing}"
        yield InventoryCount(
            resource=docs.resource("inventory", uid, thing, "global"),
            documents=docs.about(subscription),
            counted_type=thing,
            counted=docs.value(kind, subscription, count),
        )


def count(body: Body) -> int:
    """The number in an answer to a question that ends in `count`."""
    (row,) = body["data"]
    return int(row["Count"])


COLLECTOR = Collector(
    id="azure.inventory",
    title="Changes and counts in Resource Graph",
    scope="global",
    kinds=(CHANGES, *COUNTS.values()),
    emits={ConfigurationRecorder: None, InventoryCount: None},
    source=f"Azure Resource Graph {VERSION}",
    fetch=fetch,
    shape=shape,
)
