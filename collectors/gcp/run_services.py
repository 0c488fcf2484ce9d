"""Cloud Run services: from where they take requests, and as whom they act."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.address_sets import EVERYWHERE
from collectors.api import Body, Collector, Document
from collectors.documents import Documents
from collectors.facts.apps import WebApp
from collectors.facts.core import Fact
from collectors.gcp.kinds import rest
from collectors.gcp.names import full_name, place_of
from collectors.gcp.session import Reader

SERVICE = rest(
    "gcp.run.service",
    "run",
    "projects.locations.services.list",
    # Variables of programs are left out: secrets are common among them.
    "/v1/projects/{project}/locations/-/services?fields=metadata,unreachable,"
    "items(metadata(name,namespace,labels,annotations),spec(template(spec(serviceAccountName))))",
    permission="run.services.list",
    items="items",
    omits_empty=True,
)
INGRESS = "run.googleapis.com/ingress"
LOCATION = "cloud.googleapis.com/location"
EVERYBODY = tuple(EVERYWHERE.values())
RANGES = {"all": EVERYBODY, "internal": (), "internal-and-cloud-load-balancing": ()}
"""Public networks from which requests come straight to a service; a load balancer is a front door of its own."""


def fetch(gcp: Reader) -> Iterator[Document]:
    """Every service of the project."""
    for service in gcp.listing(SERVICE):
        yield gcp.document(SERVICE, uid_of(gcp.account, service), kept(service))


def kept(service: Body) -> Body:
    """Of the notes on a service only where it lies and who may call it: others tell of each rollout."""
    said = service["metadata"]
    notes = {key: value for key, value in (said.get("annotations") or {}).items() if key == INGRESS}
    labels = {key: value for key, value in (said.get("labels") or {}).items() if key == LOCATION}
    return {**service, "metadata": {**said, "annotations": notes, "labels": labels}}


def uid_of(project: str, body: Body) -> str:
    """The full name of a service."""
    said = body["metadata"]
    return full_name("run", f"projects/{project}/locations/{said['labels'][LOCATION]}/services/{said['name']}")


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per service."""
    for service in docs.of(SERVICE):
        yield WebApp(
            resource=docs.resource("web_app", service.uid, service.body["metadata"]["name"], place_of(service.uid)),
            documents=docs.about(service.uid),
            what="container app",
            open_ranges=docs.field(SERVICE, service, open_ranges),
            identity=docs.field(SERVICE, service, identities),
            access_logged=True,  # https://cloud.google.com/run/docs/logging: requests are always logged
        )


def open_ranges(body: Body) -> tuple[str, ...]:
    """Public networks from which it takes requests; everywhere unless somebody said otherwise: Google's default.

    Raises KeyError for a word that is not known.
    """
    return RANGES[(body["metadata"].get("annotations") or {}).get(INGRESS, "all")]


def identities(body: Body) -> tuple[str, ...]:
    """The account that it acts as; without one of its own, that of all machines of the project."""
    own = body["spec"]["template"]["spec"].get("serviceAccountName")
    number = body["metadata"]["namespace"]
    return (f"serviceAccount:{own or f'{number}-compute@developer.gserviceaccount.com'}",)


COLLECTOR = Collector(
    id="gcp.run_services",
    title="Cloud Run services",
    scope="global",
    kinds=(SERVICE,),
    emits={WebApp: SERVICE},
    source="Cloud Run Admin API v1",
    fetch=fetch,
    shape=shape,
)
