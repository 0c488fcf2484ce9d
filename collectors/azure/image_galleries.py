"""Galleries of machine images: whether everybody at Azure may use what is in them."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.data_access import Sharing

VERSION = "2023-07-03"

GALLERY = of_subscription("azure.compute.gallery", "Microsoft.Compute/galleries", VERSION)
COMMUNITY, ALONE = "Community", "Private"
WAYS = {COMMUNITY: True, "Groups": False, ALONE: False}
"""Ways to share a gallery, and whether each lets in everybody: Compute resource provider, SharingProfile."""


def fetch(azure: Reader) -> Iterator[Document]:
    """Every gallery."""
    for gallery in azure.listing(GALLERY):
        yield azure.document(GALLERY, uid_of(gallery), gallery)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per gallery.  Nothing else at Azure that holds data can be given to everybody by rights alone."""
    for gallery in docs.of(GALLERY):
        yield Sharing(
            resource=docs.resource("image_gallery", gallery.uid, name_of(gallery.body), place_of(gallery.body)),
            documents=docs.about(gallery.uid),
            what="image gallery",
            everybody=docs.field(GALLERY, gallery, lets_everybody),
        )


def lets_everybody(body: Body) -> bool:
    """It is shared with the community.  A gallery that says nothing is shared by roles alone."""
    return WAYS[str((properties(body).get("sharingProfile") or {}).get("permissions") or ALONE)]


COLLECTOR = Collector(
    id="azure.image_galleries",
    title="Galleries of machine images",
    scope="global",
    kinds=(GALLERY,),
    emits={Sharing: GALLERY},
    source=f"Azure Compute resource provider, galleries {VERSION}",
    fetch=fetch,
    shape=shape,
)
