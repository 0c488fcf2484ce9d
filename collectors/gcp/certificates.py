"""Certificates of Certificate Manager."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Collector, Document
from collectors.documents import Documents, when
from collectors.facts.core import Fact
from collectors.facts.data_access import Certificate
from collectors.gcp.kinds import rest
from collectors.gcp.names import full_name, last, place_of
from collectors.gcp.session import Reader
from collectors.gcp.ssl_certificates import is_there

CERTIFICATE = rest(
    "gcp.certificatemanager.certificate",
    "certificatemanager",
    "projects.locations.certificates.list",
    "/v1/projects/{project}/locations/-/certificates?pageSize=1000&fields=nextPageToken,unreachable,"
    "certificates(name,expireTime,scope,sanDnsnames,managed(state,domains))",
    permission="certificatemanager.certs.list",
    items="certificates",
    omits_empty=True,
)


def fetch(gcp: Reader) -> Iterator[Document]:
    """Every certificate of the project."""
    for certificate in gcp.listing(CERTIFICATE):
        yield gcp.document(CERTIFICATE, full_name("certificatemanager", certificate["name"]), certificate)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per certificate."""
    for certificate in docs.of(CERTIFICATE):
        name = str(certificate.body["name"])
        yield Certificate(
            resource=docs.resource("certificate", certificate.uid, last(name), place_of(name)),
            documents=docs.about(certificate.uid),
            enabled=docs.field(
                CERTIFICATE,
                certificate,
                lambda body: is_there(
                    {**body, "managed": {"status": (body.get("managed") or {}).get("state", "ACTIVE")}}
                ),
            ),
            expires=docs.field(CERTIFICATE, certificate, lambda body: when(body["expireTime"])),
        )


COLLECTOR = Collector(
    id="gcp.certificates",
    title="Certificates of Certificate Manager",
    scope="global",
    kinds=(CERTIFICATE,),
    emits={Certificate: CERTIFICATE},
    source="Certificate Manager API v1",
    fetch=fetch,
    shape=shape,
)
