"""aws.certificates and aws.server_certificates"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agent.demo.loopback import Faults
from collectors.aws import server_certificates
from collectors.aws.certificates import CERTIFICATE, COLLECTOR, LISTED, is_presented
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import Certificate
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

ENDS = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
MOTO_ENDS = datetime(2012, 5, 8, 1, 2, 3, 4000, tzinfo=UTC)
"""What moto says of every certificate in IAM."""


def self_signed() -> tuple[str, str]:
    """A certificate with a key of another kind than AWS lists by itself, and that key, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(ENDS - timedelta(days=3650))
        .not_valid_after(ENDS)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM).decode(), pem.decode()


def give(client: Client) -> str:
    """The certificate put into Certificate Manager; the value is its ARN."""
    certificate, key = self_signed()
    made = client("acm").import_certificate(Certificate=certificate.encode(), PrivateKey=key.encode())
    return str(made["CertificateArn"])


def upload(client: Client) -> str:
    """The certificate put into IAM; the value is its ARN."""
    certificate, key = self_signed()
    made = client("iam").upload_server_certificate(
        ServerCertificateName="shop", CertificateBody=certificate, PrivateKey=key
    )
    return str(made["ServerCertificateMetadata"]["Arn"])


def test_a_region_without_certificates_costs_one_call(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(Certificate) == []
    assert reading.documents.complete(LISTED, "us-east-1") is None
    assert reading.operations() == {"acm:ListCertificates"}


def test_a_certificate_has_its_end_whatever_its_key(read: Read, client: Client) -> None:
    """AWS lists one kind of key unless it is asked for all."""
    arn = give(client)

    reading = read(COLLECTOR)
    (found,) = reading.facts(Certificate)
    (listing,) = [call for call in reading.page.calls if call.operation == "ListCertificates"]

    assert (found.resource.uid, found.resource.name, found.resource.region) == (arn, "shop.example.com", "us-east-1")
    assert (found.enabled, found.expires) == (True, ENDS)
    assert {"RSA_2048", "RSA_4096", "EC_prime256v1"} <= set(listing.parameters["Includes"]["keyTypes"])


def test_a_certificate_of_a_state_that_nobody_can_see_is_not_presented() -> None:
    """Neither one that is awaited nor one that was taken back; a state that is new is not guessed at."""
    states = ("ISSUED", "EXPIRED", "PENDING_VALIDATION", "REVOKED")

    assert [is_presented({"Certificate": {"Status": each}}) for each in states] == [True, True, False, False]
    with pytest.raises(ValueError, match="NEW"):
        is_presented({"Certificate": {"Status": "NEW"}})


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_lost_answer_costs_what_rests_on_it(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """The certificate is there, and nobody knows its end."""
    give(client)
    getattr(faults, fault).add("acm:DescribeCertificate")

    reading = read(COLLECTOR)
    (found,) = reading.facts(Certificate)

    assert isinstance(found.enabled, Unread)
    assert isinstance(found.expires, Unread)
    assert (found.expires.operation, found.expires.permission) == (CERTIFICATE.call, "acm:DescribeCertificate")
    assert reading.documents.complete(LISTED, "us-east-1") is None


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """None read is not none there."""
    give(client)
    faults.deny.add("acm:ListCertificates")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(LISTED, "us-east-1")

    assert reading.facts(Certificate) == []
    assert unread is not None
    assert (unread.reason, unread.permission) == (Reason.PERMISSION_DENIED, "acm:ListCertificates")


def test_a_certificate_in_iam_has_its_end(read: Read, client: Client) -> None:
    """One listing says it all."""
    arn = upload(client)

    reading = read(server_certificates.COLLECTOR)
    (found,) = reading.facts(Certificate)

    assert (found.resource.uid, found.resource.name, found.resource.region) == (arn, "shop", "global")
    assert (found.enabled, found.expires) == (True, MOTO_ENDS)
    assert reading.operations() == {"iam:ListServerCertificates"}


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_lost_listing_of_iam_leaves_the_population_unknown(
    read: Read, client: Client, faults: Faults, fault: str
) -> None:
    """An account without any is told from one that could not be asked."""
    kind = server_certificates.CERTIFICATE
    assert read(server_certificates.COLLECTOR).documents.complete(kind, "global") is None
    upload(client)
    getattr(faults, fault).add("iam:ListServerCertificates")

    reading = read(server_certificates.COLLECTOR)
    unread = reading.documents.complete(kind, "global")

    assert reading.facts(Certificate) == []
    assert unread is not None
    assert unread.permission == "iam:ListServerCertificates"
