"""How many resources of some types Cloud Asset Inventory knows, apart from the listings of the services."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.detection import InventoryCount
from collectors.gcp.ancestry import Level
from collectors.gcp.kinds import rest
from collectors.gcp.session import Reader

THINGS = {
    "log_store": "logging.googleapis.com/LogBucket",
    "network": "compute.googleapis.com/Network",
    "object_store": "storage.googleapis.com/Bucket",
}
"""Neutral types of which the listings are held against a count, and Google's names for them."""


def _found(thing: str, type_: str) -> Kind:
    return rest(
        f"gcp.cloudasset.{thing}",
        "cloudasset",
        "searchAllResources",
        f"/v1/projects/{{project}}:searchAllResources?assetTypes={type_}&readMask=name,state&pageSize=500",
        permission="cloudasset.assets.searchAllResources",
        items="results",
        omits_empty=True,
        volatile=("*",),
    )


COUNTS = {thing: _found(thing, type_) for thing, type_ in THINGS.items()}


def fetch(gcp: Reader) -> Iterator[Document | Then]:
    """The names of all resources of each type."""
    for thing, kind in COUNTS.items():
        yield Then(names, (thing,), kind.name)


def names(gcp: Reader, thing: str) -> Iterator[Document]:
    """The names of all resources of one type, in one document."""
    yield from gcp.gather(COUNTS[thing], Level("projects", gcp.known["project"]).uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per type."""
    project = Level("projects", docs.account).uid
    for thing, kind in COUNTS.items():
        yield InventoryCount(
            resource=docs.resource("inventory", f"{project}/inventory/{thing}", thing, "global"),
            documents=docs.about(project),
            counted_type=thing,
            counted=docs.value(kind, project, count),
        )


def count(body: Body) -> int:
    """Number of resources, without those that are being deleted."""
    return sum(each.get("state") != "DELETE_REQUESTED" for each in body["results"])


COLLECTOR = Collector(
    id="gcp.asset_inventory",
    title="Counts of Cloud Asset Inventory",
    scope="global",
    kinds=tuple(COUNTS.values()),
    emits={InventoryCount: None},
    source="Cloud Asset API v1",
    fetch=fetch,
    shape=shape,
)
