"""Service principals: applications as this directory knows them, some with credentials of their own."""

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

PRINCIPAL = graph(
    "azure.entra.service_principal",
    f"/v1.0/servicePrincipals?$select={FIELDS},servicePrincipalType&$top=999",
    "Application.Read.All",
    items="value",
)
MANAGED = "ManagedIdentity"
"""The type of a principal whose certificates Azure makes, keeps and replaces itself."""


def fetch(azure: Reader) -> Iterator[Document]:
    """Every principal, with the dates of its credentials."""
    for principal in azure.listing(PRINCIPAL):
        yield azure.document(PRINCIPAL, id_of(principal), bare(principal))


def shape(docs: Documents) -> Iterator[Fact]:
    """Each credential of each principal, but for those that Azure looks after."""
    own = (principal for principal in docs.of(PRINCIPAL) if principal.body.get("servicePrincipalType") != MANAGED)
    yield from credentials(docs, PRINCIPAL, own)


COLLECTOR = Collector(
    id="azure.entra_principals",
    title="Credentials of service principals",
    scope="directory",
    kinds=(PRINCIPAL,),
    emits={AppCredential: PRINCIPAL, AccessKey: PRINCIPAL},
    source="Microsoft Graph v1.0: servicePrincipal, passwordCredential, keyCredential",
    fetch=fetch,
    shape=shape,
)
