"""Repositories of container images: who may fetch from them, and whether somebody looks for flaws in them."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Then
from collectors.documents import Documents
from collectors.facts.apps import ImageScanning, Registry
from collectors.facts.core import Fact
from collectors.gcp.kinds import rest
from collectors.gcp.names import full_name, last, place_of
from collectors.gcp.session import Reader

LOCATION = rest(
    "gcp.artifacts.location",
    "artifactregistry",
    "projects.locations.list",
    "/v1/projects/{project}/locations?pageSize=1000",
    permission="artifactregistry.locations.list",
    items="locations",
    omits_empty=True,
)
REPOSITORY = rest(
    "gcp.artifacts.repository",
    "artifactregistry",
    "projects.locations.repositories.list",
    "/v1/{location:path}/repositories?pageSize=1000",
    permission="artifactregistry.repositories.list",
    items="repositories",
    omits_empty=True,
    within=LOCATION,
    volatile=("sizeBytes", "updateTime"),
)
POLICY = rest(
    "gcp.artifacts.policy",
    "artifactregistry",
    "projects.locations.repositories.getIamPolicy",
    "/v1/{repository:path}:getIamPolicy?options.requestedPolicyVersion=3",
    permission="artifactregistry.repositories.getIamPolicy",
    volatile=("etag",),
)
IMAGES = "DOCKER"
EVERYBODY = frozenset({"allUsers", "allAuthenticatedUsers"})
SCANNED = {"SCANNING_ACTIVE": True, "SCANNING_DISABLED": False, "SCANNING_UNSUPPORTED": None}


def fetch(gcp: Reader) -> Iterator[Document | Then]:
    """Every repository in every place, and the policy of each that holds images."""
    for location in gcp.listing(LOCATION):
        uid = full_name("artifactregistry", location["name"])
        yield gcp.document(LOCATION, uid, location)
        yield Then(repositories, (uid, location["name"]), f"{uid}/{REPOSITORY.operation}")


def repositories(gcp: Reader, uid: str, location: str) -> Iterator[Document | Then]:
    """The repositories of one place."""
    for repository in gcp.listing(REPOSITORY, within=uid, location=location):
        child = full_name("artifactregistry", repository["name"])
        yield gcp.document(REPOSITORY, child, repository)
        if repository["format"] == IMAGES:
            yield Then(policy, (child, repository["name"]), f"{child}/{POLICY.operation}")


def policy(gcp: Reader, uid: str, name: str) -> Iterator[Document]:
    """Who may do what with one repository."""
    yield from gcp.read(POLICY, uid, repository=name)


def shape(docs: Documents) -> Iterator[Fact]:
    """Two facts per repository of images; packages of other kinds are no images."""
    for repository in docs.of(REPOSITORY):
        uid, name = repository.uid, str(repository.body["name"])
        if docs.field(REPOSITORY, repository, lambda body: body["format"] == IMAGES) is False:
            continue
        resource = docs.resource("registry", uid, last(name), place_of(name))
        yield Registry(
            resource=resource,
            documents=docs.about(uid),
            shared_account=False,  # Google has no such account: everybody comes under a name of their own
            anonymous_pull=docs.value(POLICY, uid, opens_to_everybody),
        )
        yield ImageScanning(
            resource=resource,
            documents=docs.about(uid),
            scanned=docs.field(REPOSITORY, repository, scanned),
        )


def scanned(body: Body) -> bool | None:
    """What Google itself says of its scanning, the APIs that it takes being counted in."""
    return SCANNED[body["vulnerabilityScanningConfig"]["enablementState"]]


def opens_to_everybody(body: Body) -> bool:
    """A binding names everybody, or everybody with a Google account."""
    return any(EVERYBODY & set(binding.get("members", ())) for binding in body.get("bindings", ()))


COLLECTOR = Collector(
    id="gcp.artifact_registries",
    title="Repositories of container images",
    scope="global",
    kinds=(LOCATION, REPOSITORY, POLICY),
    emits={Registry: REPOSITORY, ImageScanning: REPOSITORY},
    source="Artifact Registry API v1",
    fetch=fetch,
    shape=shape,
)
