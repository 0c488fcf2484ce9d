"""Certificates that were uploaded to IAM, as balancers of the older kind and some regions need them."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents, when
from collectors.facts.core import Fact
from collectors.facts.data_access import Certificate

CERTIFICATE = Kind(
    "aws.iam.server_certificate",
    "iam",
    "ListServerCertificates",
    items="ServerCertificateMetadataList",
)


def fetch(aws: Reader) -> Iterator[Document]:
    """Every certificate of the account; what is listed says when it ends."""
    for each in aws.listing(CERTIFICATE):
        yield aws.document(CERTIFICATE, each["Arn"], each)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per certificate."""
    for each in docs.of(CERTIFICATE):
        yield Certificate(
            resource=docs.resource("certificate", each.uid, each.body["ServerCertificateName"], "global"),
            documents=docs.about(each.uid),
            enabled=True,  # IAM has no switch for it: whoever refers to it presents it
            expires=docs.field(CERTIFICATE, each, lambda body: when(body["Expiration"])),
        )


COLLECTOR = Collector(
    id="aws.server_certificates",
    title="Server certificates in IAM",
    scope="global",
    kinds=(CERTIFICATE,),
    emits={Certificate: CERTIFICATE},
    source="AWS IAM API 2010-05-08",
    fetch=fetch,
    shape=shape,
)
