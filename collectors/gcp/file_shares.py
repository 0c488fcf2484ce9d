"""Filestore instances: their encryption.  Filestore makes no backup by itself."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Collector, Document
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.stores import FileSystem
from collectors.gcp.kinds import rest
from collectors.gcp.names import full_name, last, place_of
from collectors.gcp.session import Reader

INSTANCE = rest(
    "gcp.file.instance",
    "file",
    "projects.locations.instances.list",
    "/v1/projects/{project}/locations/-/instances?pageSize=1000",
    permission="file.instances.list",
    items="instances",
    omits_empty=True,
    volatile=("etag",),
)


def fetch(gcp: Reader) -> Iterator[Document]:
    """Every instance of the project."""
    for instance in gcp.listing(INSTANCE):
        yield gcp.document(INSTANCE, full_name("file", instance["name"]), instance)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per instance."""
    for instance in docs.of(INSTANCE):
        name = str(instance.body["name"])
        yield FileSystem(
            resource=docs.resource("file_system", instance.uid, last(name), place_of(name)),
            documents=docs.about(instance.uid),
            encrypted_at_rest=True,  # Google encrypts whatever it stores
            customer_key=docs.field(INSTANCE, instance, lambda body: body.get("kmsKeyName")),
            backed_up=None,  # backups are made by hand or by the central service
        )


COLLECTOR = Collector(
    id="gcp.file_shares",
    title="Filestore instances",
    scope="global",
    kinds=(INSTANCE,),
    emits={FileSystem: INSTANCE},
    source="Cloud Filestore API v1",
    fetch=fetch,
    shape=shape,
)
