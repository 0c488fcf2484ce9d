"""Certificates that Certificate Manager issued or was given."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents, when
from collectors.facts.core import Fact
from collectors.facts.data_access import Certificate

LISTED = Kind(
    "aws.acm.listed_certificate",
    "acm",
    "ListCertificates",
    items="CertificateSummaryList",
    volatile=("*",),
)
CERTIFICATE = Kind("aws.acm.certificate", "acm", "DescribeCertificate", volatile=("Certificate.InUseBy",))

KEY_TYPES = (
    "RSA_1024",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "EC_prime256v1",
    "EC_secp384r1",
    "EC_secp521r1",
)
"""Every kind of key.  Unless all are asked for, ListCertificates answers with those of one kind alone."""
PRESENTED = frozenset({"ISSUED", "EXPIRED"})
"""States of a certificate that can be presented, if only to be refused."""
NEVER = frozenset({"PENDING_VALIDATION", "VALIDATION_TIMED_OUT", "FAILED", "INACTIVE", "REVOKED"})
"""States of one that cannot, because it is not there yet, never will be, or was taken back."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every certificate of the region, then what is said about each."""
    for each in aws.listing(LISTED, Includes={"keyTypes": list(KEY_TYPES)}):
        uid = each["CertificateArn"]
        yield aws.document(LISTED, uid, each)
        yield Then(described, (uid,), uid)


def described(aws: Reader, uid: str) -> Iterator[Document]:
    """The state of one certificate and its end."""
    yield from aws.read(CERTIFICATE, uid, CertificateArn=uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per certificate."""
    for each in docs.of(LISTED):
        uid = each.uid
        yield Certificate(
            resource=docs.resource("certificate", uid, name_of(each.body), each.region),
            documents=docs.about(uid),
            enabled=docs.value(CERTIFICATE, uid, is_presented),
            # A certificate that was never issued has no end, and nobody asks for it.
            expires=docs.value(CERTIFICATE, uid, lambda body: when(body["Certificate"]["NotAfter"])),
        )


def name_of(body: Body) -> str:
    """What people call a certificate: the name that it is for."""
    return str(body.get("DomainName") or body["CertificateArn"])


def is_presented(body: Body) -> bool:
    """Whether it can be shown to who connects.  Raises ValueError for a state that is not known."""
    status = str(body["Certificate"]["Status"])
    if status not in PRESENTED | NEVER:
        raise ValueError(f"{status!r} is no state of a certificate")
    return status in PRESENTED


COLLECTOR = Collector(
    id="aws.certificates",
    title="Certificates of Certificate Manager",
    scope="region",
    kinds=(LISTED, CERTIFICATE),
    emits={Certificate: LISTED},
    source="AWS Certificate Manager API 2015-12-08",
    fetch=fetch,
    shape=shape,
)
