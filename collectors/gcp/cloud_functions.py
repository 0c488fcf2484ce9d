"""Cloud Functions of both generations: from where they take requests, and as whom they act."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.address_sets import EVERYWHERE
from collectors.api import Body, Collector, Document
from collectors.documents import Documents
from collectors.facts.apps import WebApp
from collectors.facts.core import Fact
from collectors.gcp.kinds import rest
from collectors.gcp.names import full_name, last, place_of
from collectors.gcp.session import Reader

FUNCTION = rest(
    "gcp.functions.function",
    "cloudfunctions",
    "projects.locations.functions.list",
    # Variables of programs are left out: secrets are common among them.
    "/v2/projects/{project}/locations/-/functions?pageSize=1000&fields=nextPageToken,unreachable,"
    "functions(name,environment,serviceConfig(ingressSettings,serviceAccountEmail))",
    permission="cloudfunctions.functions.list",
    items="functions",
    omits_empty=True,
)
EVERYBODY = tuple(EVERYWHERE.values())
RANGES = {"ALLOW_ALL": EVERYBODY, "ALLOW_INTERNAL_ONLY": (), "ALLOW_INTERNAL_AND_GCLB": ()}
"""Public networks from which requests come straight to a function; a load balancer is a front door of its own."""


def fetch(gcp: Reader) -> Iterator[Document]:
    """Every function of the project."""
    for function in gcp.listing(FUNCTION):
        yield gcp.document(FUNCTION, full_name("cloudfunctions", function["name"]), function)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per function."""
    for function in docs.of(FUNCTION):
        name = str(function.body["name"])
        yield WebApp(
            resource=docs.resource("web_app", function.uid, last(name), place_of(name)),
            documents=docs.about(function.uid),
            what="function app",
            open_ranges=docs.field(FUNCTION, function, lambda body: RANGES[body["serviceConfig"]["ingressSettings"]]),
            identity=docs.field(FUNCTION, function, identities),
            access_logged=docs.field(FUNCTION, function, logs_requests),
        )


def identities(body: Body) -> tuple[str, ...]:
    """The account that it acts as."""
    return (f"serviceAccount:{body['serviceConfig']['serviceAccountEmail']}",)


def logs_requests(body: Body) -> bool | None:
    """Those of the second generation run on Cloud Run, which logs each request; the first has no such log."""
    return {"GEN_1": None, "GEN_2": True}[body["environment"]]


COLLECTOR = Collector(
    id="gcp.cloud_functions",
    title="Cloud Functions",
    scope="global",
    kinds=(FUNCTION,),
    emits={WebApp: FUNCTION},
    source="Cloud Functions API v2",
    fetch=fetch,
    shape=shape,
)
