"""Certificates of load balancers, as Compute Engine keeps them."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.documents import Documents, when
from collectors.facts.core import Fact
from collectors.facts.data_access import Certificate
from collectors.gcp.kinds import DISABLED, rest
from collectors.gcp.names import compute_uid, place_of
from collectors.gcp.session import Reader

CERTIFICATE = rest(
    "gcp.compute.ssl_certificate",
    "compute",
    "sslCertificates.aggregatedList",
    "/compute/v1/projects/{project}/aggregated/sslCertificates?maxResults=500&fields=nextPageToken,warning,unreachables,"
    "items/*/warning,items/*/sslCertificates(name,selfLink,type,expireTime,managed(status,domains),"
    "subjectAlternativeNames)",
    permission="compute.sslCertificates.list",
    items="items.*.sslCertificates",
    omits_empty=True,
    absent=(DISABLED,),  # see gcp.compute_instances
)


def fetch(gcp: Reader) -> Iterator[Document]:
    """Every certificate of the project."""
    for certificate in gcp.listing(CERTIFICATE):
        yield gcp.document(CERTIFICATE, compute_uid(certificate["selfLink"]), certificate)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per certificate."""
    for certificate in docs.of(CERTIFICATE):
        uid = certificate.uid
        yield Certificate(
            resource=docs.resource("certificate", uid, certificate.body["name"], place_of(uid)),
            documents=docs.about(uid),
            enabled=docs.field(CERTIFICATE, certificate, is_there),
            expires=docs.field(CERTIFICATE, certificate, lambda body: when(body["expireTime"])),
        )


def is_there(body: Body) -> bool:
    """There is a certificate to present; one that Google is still to get has no end yet."""
    return bool(body.get("expireTime")) or str((body.get("managed") or {}).get("status", "ACTIVE")) == "ACTIVE"


COLLECTOR = Collector(
    id="gcp.ssl_certificates",
    title="Certificates of load balancers",
    scope="global",
    kinds=(CERTIFICATE,),
    emits={Certificate: CERTIFICATE},
    source="Compute Engine API v1",
    fetch=fetch,
    shape=shape,
)
