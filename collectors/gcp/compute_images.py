"""Images of disks that the company made: whether everybody may use them."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Then
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.data_access import Sharing
from collectors.gcp.kinds import DISABLED, rest
from collectors.gcp.names import compute_uid
from collectors.gcp.session import Reader

IMAGE = rest(
    "gcp.compute.image",
    "compute",
    "images.list",
    "/compute/v1/projects/{project}/global/images?maxResults=500",
    permission="compute.images.list",
    items="items",
    omits_empty=True,
    absent=(DISABLED,),  # see gcp.compute_instances
    volatile=("labelFingerprint",),
)
POLICY = rest(
    "gcp.compute.image_policy",
    "compute",
    "images.getIamPolicy",
    "/compute/v1/projects/{project}/global/images/{image}/getIamPolicy?optionsRequestedPolicyVersion=3",
    permission="compute.images.getIamPolicy",
    volatile=("etag",),
)
EVERYBODY = frozenset({"allUsers", "allAuthenticatedUsers"})


def fetch(gcp: Reader) -> Iterator[Document | Then]:
    """Every image of the project, and each one's policy."""
    for image in gcp.listing(IMAGE):
        uid = compute_uid(image["selfLink"])
        yield gcp.document(IMAGE, uid, image)
        yield Then(policy, (uid, image["name"]), f"{uid}/{POLICY.operation}")


def policy(gcp: Reader, uid: str, name: str) -> Iterator[Document]:
    """Who may do what with one image."""
    yield from gcp.read(POLICY, uid, image=name)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per image."""
    for image in docs.of(IMAGE):
        yield Sharing(
            resource=docs.resource("disk_image", image.uid, image.body["name"], "global"),
            documents=docs.about(image.uid),
            what="disk image",
            everybody=docs.value(POLICY, image.uid, opens_to_everybody),
        )


def opens_to_everybody(body: Body) -> bool:
    """A binding names everybody, or everybody with a Google account."""
    return any(EVERYBODY & set(binding.get("members", ())) for binding in body.get("bindings", ()))


COLLECTOR = Collector(
    id="gcp.compute_images",
    title="Disk images",
    scope="global",
    kinds=(IMAGE, POLICY),
    emits={Sharing: IMAGE},
    source="Compute Engine API v1",
    fetch=fetch,
    shape=shape,
)
