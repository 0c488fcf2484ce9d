"""aws.kms_keys"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.kms_keys import (
    COLLECTOR,
    KEY,
    can_rotate,
    deletion_date,
    is_customers,
    period,
    rotates_itself,
)
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import Sharing
from collectors.facts.rights import EVERYBODY, StoreAccess
from collectors.facts.stores import AttestedKey, EncryptionKey
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]


def make_key(kms: Any, **parameters: Any) -> str:
    """The id of a new key."""
    return str(kms.create_key(**parameters)["KeyMetadata"]["KeyId"])


def test_a_region_without_keys_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(EncryptionKey) == []
    assert [(listing.kind, listing.items) for listing in reading.page.listings] == [("aws.kms.key", 0)]


def test_a_key_that_rotates_and_one_that_does_not(read: Read, client: Client) -> None:
    """Rotation is read key by key."""
    kms = client("kms")
    turning, still = make_key(kms), make_key(kms)
    kms.enable_key_rotation(KeyId=turning)

    reading = read(COLLECTOR)

    assert reading.fact(EncryptionKey, turning).rotates is True
    found = reading.fact(EncryptionKey, still)
    assert (found.rotates, found.rotation_days, found.deletion_date) == (False, None, None)
    assert (found.customer_managed, found.enabled, found.rotatable) == (True, True, True)
    assert found.resource.uid == f"arn:aws:kms:us-east-1:123456789012:key/{still}"


def test_an_asymmetric_key_is_not_asked_for_what_it_cannot_have(read: Read, client: Client) -> None:
    """AWS refuses the question for such a key, so it would only leave a gap."""
    key = make_key(client("kms"), KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")

    reading = read(COLLECTOR)

    found = reading.fact(EncryptionKey, key)
    assert (found.rotatable, found.rotates, found.rotation_days) == (False, False, None)
    assert "kms:GetKeyRotationStatus" not in reading.operations()


def test_a_disabled_key_and_one_that_awaits_destruction(read: Read, client: Client) -> None:
    """State and date come from the key's own metadata."""
    kms = client("kms")
    disabled, doomed = make_key(kms), make_key(kms)
    kms.disable_key(KeyId=disabled)
    kms.schedule_key_deletion(KeyId=doomed, PendingWindowInDays=7)

    reading = read(COLLECTOR)

    assert reading.fact(EncryptionKey, disabled).enabled is False
    date = reading.fact(EncryptionKey, doomed).deletion_date
    assert isinstance(date, datetime)
    assert timedelta(days=6) < date - datetime.now(UTC) < timedelta(days=8)


def test_each_region_is_read_and_proven_by_itself(read: Read, client: Client) -> None:
    """Keys of two regions stay apart."""
    here, there = make_key(client("kms")), make_key(client("kms", "eu-west-1"))

    reading = read(COLLECTOR, "us-east-1", "eu-west-1")

    assert reading.fact(EncryptionKey, here).resource.region == "us-east-1"
    assert reading.fact(EncryptionKey, there).resource.region == "eu-west-1"
    assert {listing.region for listing in reading.page.listings} == {"us-east-1", "eu-west-1"}


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """No key is known, and that is said."""
    make_key(client("kms"))
    faults.deny.add("kms:ListKeys")

    unread = read(COLLECTOR).documents.complete(KEY, "us-east-1")

    assert unread is not None
    assert (unread.reason, unread.operation) == (Reason.PERMISSION_DENIED, "kms:ListKeys")


def test_a_denied_rotation_leaves_the_rest_of_the_key(read: Read, client: Client, faults: Faults) -> None:
    """Only rotation is unread; that is never "does not rotate"."""
    key = make_key(client("kms"))
    faults.deny.add("kms:GetKeyRotationStatus")

    found = read(COLLECTOR).fact(EncryptionKey, key)

    assert isinstance(found.rotates, Unread)
    assert found.rotates.operation == "kms:GetKeyRotationStatus"
    assert isinstance(found.rotation_days, Unread)
    assert (found.enabled, found.rotatable) == (True, True)


@pytest.mark.parametrize("fault", ["deny", "garble"])
def test_a_key_that_is_not_described_is_unread(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """The key is known, what it is like is not, and rotation points at the same missing answer."""
    key = make_key(client("kms"))
    getattr(faults, fault).add("kms:DescribeKey")

    found = read(COLLECTOR).fact(EncryptionKey, key)

    for value in (found.customer_managed, found.enabled, found.rotatable, found.rotates, found.deletion_date):
        assert isinstance(value, Unread)
        assert value.operation == "kms:DescribeKey"


@pytest.mark.parametrize(
    ("spec", "origin", "expected"),
    [
        ("SYMMETRIC_DEFAULT", "AWS_KMS", True),
        ("SYMMETRIC_DEFAULT", "EXTERNAL", False),
        ("SYMMETRIC_DEFAULT", "AWS_CLOUDHSM", False),
        ("HMAC_256", "AWS_KMS", False),
        ("RSA_2048", "AWS_KMS", False),
    ],
)
def test_only_symmetric_keys_with_aws_material_rotate(spec: str, origin: str, expected: bool) -> None:
    """The kinds that KMS documents as rotatable."""
    assert can_rotate({"KeyMetadata": {"KeySpec": spec, "Origin": origin}}) is expected


def test_who_manages_a_key_is_one_of_two_words() -> None:
    """A third word is malformed: it must not pass for "the provider's"."""
    assert is_customers({"KeyMetadata": {"KeyManager": "CUSTOMER"}}) is True
    assert is_customers({"KeyMetadata": {"KeyManager": "AWS"}}) is False
    with pytest.raises(KeyError):
        is_customers({"KeyMetadata": {"KeyManager": "SOMEBODY"}})


def test_the_rotation_period() -> None:
    """Days only while rotation is on; "unsupported" is an answer."""
    assert period({"KeyRotationEnabled": True, "RotationPeriodInDays": 180}) == 180
    assert period({"KeyRotationEnabled": False, "RotationPeriodInDays": 180}) is None
    assert period({"KeyRotationEnabled": True}) is None
    assert rotates_itself({"absent": "UnsupportedOperationException"}) is False


def test_a_primary_key_that_waits_for_its_replicas_has_no_date() -> None:
    """Deletion is pending, so "no deletion" would be false."""
    with pytest.raises(KeyError):
        deletion_date({"KeyMetadata": {"KeyState": "PendingReplicaDeletion"}})


def test_whom_keys_let_in(read: Read, client: Client, faults: Faults) -> None:
    """The policy decides; where it was not read, nobody knows."""
    kms = client("kms")
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"}
    kept = make_key(kms)
    opened = make_key(kms, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))

    reading = read(COLLECTOR)

    assert reading.fact(Sharing, kept).everybody is False
    assert reading.fact(Sharing, opened).everybody is True
    access = reading.fact(StoreAccess, kept)
    assert (access.store, access.named, access.by_identity) == ("encryption_key", (), True)
    assert reading.fact(StoreAccess, opened).named == (EVERYBODY,)

    faults.deny.add("kms:GetKeyPolicy")
    lost = read(COLLECTOR).fact(StoreAccess, kept)
    assert isinstance(lost.named, Unread)
    assert isinstance(lost.by_identity, Unread)

    assert read(COLLECTOR).fact(Sharing, kept).everybody == Unread(
        Reason.PERMISSION_DENIED, "kms:GetKeyPolicy", "kms:GetKeyPolicy", "AccessDenied"
    )


def test_which_programs_keys_take(read: Read, client: Client, faults: Faults) -> None:
    """The policy of the company's own keys says so; those of AWS are not asked, and what was not read is not known."""
    kms = client("kms")
    statement = {
        "Sid": "enclave",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "kms:*",
        "Resource": "*",
        "Condition": {"StringEqualsIgnoreCase": {"kms:RecipientAttestation:ImageSha384": "AB"}},
    }
    plain = make_key(kms)
    measured = make_key(kms, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))

    reading = read(COLLECTOR)
    found = reading.fact(AttestedKey, measured)

    assert (found.attested, found.unattested, found.pinned, found.values) == (True, (), ("PCR0",), ("PCR0 ab",))
    assert reading.fact(AttestedKey, plain).attested is False

    faults.deny.add("kms:GetKeyPolicy")
    unread = read(COLLECTOR).fact(AttestedKey, measured)

    for value in (unread.attested, unread.unattested, unread.pinned, unread.values):
        assert isinstance(value, Unread)
        assert value.permission == "kms:GetKeyPolicy"
