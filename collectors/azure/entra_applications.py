"""Applications that are registered in the directory, and what they sign in with."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Collector, Document
from collectors.azure.app_credentials import FIELDS, bare, credentials
from collectors.azure.directory_objects import id_of
from collectors.azure.kinds import graph
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.directory import AppCredential
from collectors.facts.identity import AccessKey

APPLICATION = graph(
    "azure.entra.application", f"/v1.0/applications?$select={FIELDS}&$top=999", "Application.Read.All", items="value"
)


def fetch(azure: Reader) -> Iterator[Document]:
    """Every registration, with the dates of its credentials."""
    for application in azure.listing(APPLICATION):
        yield azure.document(APPLICATION, id_of(application), bare(application))


def shape(docs: Documents) -> Iterator[Fact]:
    """Each credential of each application."""
    yield from credentials(docs, APPLICATION, docs.of(APPLICATION))


COLLECTOR = Collector(
    id="azure.entra_applications",
    title="Credentials of applications registered in the directory",
    scope="directory",
    kinds=(APPLICATION,),
    emits={AppCredential: APPLICATION, AccessKey: APPLICATION},
    source="Microsoft Graph v1.0: application, passwordCredential, keyCredential",
    fetch=fetch,
    shape=shape,
)
