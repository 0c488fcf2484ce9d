"""aws.s3_buckets"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.s3_buckets import COLLECTOR, deletes_objects, refuses_plain_http
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import ObjectRights
from collectors.facts.rights import EVERYBODY, StoreAccess
from collectors.facts.stores import AccountPublicAccess, ObjectStore
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

PUBLIC = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::open-bucket/*"}
GUARD = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


def policy(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_an_account_without_buckets_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(ObjectStore) == []
    assert [(listing.kind, listing.items) for listing in reading.page.listings] == [("aws.s3.bucket", 0)]
    assert reading.facts(AccountPublicAccess)[0].blocked is False


def test_settings_become_facts(read: Read, client: Client) -> None:
    """Each setting that the bucket has is read and shaped."""
    s3 = client("s3")
    s3.create_bucket(Bucket="locked-bucket", ObjectLockEnabledForBucket=True)
    s3.put_public_access_block(Bucket="locked-bucket", PublicAccessBlockConfiguration=GUARD)
    key = "arn:aws:kms:us-east-1:123456789012:key/k"
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    s3.put_bucket_encryption(
        Bucket="locked-bucket",
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
    )

    store = read(COLLECTOR).fact(ObjectStore, "locked-bucket")

    assert store.encrypted_at_rest is True
    assert store.customer_key == key
    assert store.versioned is True  # object lock turns it on
    assert store.object_lock_days == 0
    assert store.public_access_blocked is True
    assert store.public is False
    assert store.requires_tls is False
    assert store.access_log_to is None
    assert store.replicated_to == ()


def test_a_public_policy_is_public_until_a_guard_closes_it(read: Read, client: Client) -> None:
    """Openness is what remains after both levels of guards."""
    s3 = client("s3")
    s3.create_bucket(Bucket="open-bucket")
    s3.put_bucket_policy(Bucket="open-bucket", Policy=policy(PUBLIC))

    assert read(COLLECTOR).fact(ObjectStore, "open-bucket").public is True

    s3.put_public_access_block(Bucket="open-bucket", PublicAccessBlockConfiguration=GUARD)

    assert read(COLLECTOR).fact(ObjectStore, "open-bucket").public is False


def test_one_denied_setting_is_unread_and_the_others_are_not(read: Read, client: Client, faults: Faults) -> None:
    """A gap covers exactly the field and the bucket concerned, and names operation and permission."""
    client("s3").create_bucket(Bucket="some-bucket")
    faults.deny.add("s3:GetBucketEncryption")

    reading = read(COLLECTOR)
    store = reading.fact(ObjectStore, "some-bucket")

    assert store.encrypted_at_rest == Unread(
        Reason.PERMISSION_DENIED, "s3:GetBucketEncryption", "s3:GetEncryptionConfiguration", "AccessDenied"
    )
    assert store.versioned is False
    assert [(gap.uid, gap.listing) for gap in reading.page.gaps] == [("arn:aws:s3:::some-bucket", False)]


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """No bucket is known, and that is said."""
    client("s3").create_bucket(Bucket="some-bucket")
    faults.deny.add("s3:ListBuckets")

    documents = read(COLLECTOR).documents
    unread = documents.complete(COLLECTOR.kinds[1], "global")

    assert unread is not None
    assert unread.permission == "s3:ListAllMyBuckets"


@pytest.mark.parametrize("fault", ["throttle", "garble", "break_down"])
def test_other_failures_are_gaps_too(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """Throttled for ever, malformed and broken answers are unread values, never false ones."""
    client("s3").create_bucket(Bucket="some-bucket")
    getattr(faults, fault).add("s3:GetBucketVersioning")

    assert isinstance(read(COLLECTOR).fact(ObjectStore, "some-bucket").versioned, Unread)


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({}, True),
        ({"Action": ["s3:GetObject"]}, False),
        ({"Effect": "Allow"}, False),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:user/u"}}, False),
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, False),
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:PrincipalTag/x": "y"}}}, False),
        ({"Resource": "arn:aws:s3:::b"}, False),
    ],
)
def test_only_a_whole_denial_refuses_plain_http(change: dict[str, Any], refused: bool) -> None:
    """A denial with a hole in it does not count."""
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        **change,
    }

    assert refuses_plain_http({"Policy": policy(statement)}) is refused


def test_where_rights_to_objects_come_from(read: Read, client: Client, faults: Faults) -> None:
    """Only "bucket owner enforced" takes access lists away; a bucket without the setting has them."""
    s3 = client("s3")
    for name, word in (("enforced", "BucketOwnerEnforced"), ("preferred", "BucketOwnerPreferred"), ("old", "")):
        s3.create_bucket(Bucket=f"{name}-bucket")
        s3.delete_bucket_ownership_controls(Bucket=f"{name}-bucket")
        if word:
            s3.put_bucket_ownership_controls(
                Bucket=f"{name}-bucket", OwnershipControls={"Rules": [{"ObjectOwnership": word}]}
            )

    found = {fact.resource.name: fact.single_policy for fact in read(COLLECTOR).facts(ObjectRights)}

    assert found == {"enforced-bucket": True, "preferred-bucket": False, "old-bucket": False}

    faults.deny.add("s3:GetBucketOwnershipControls")
    denied = read(COLLECTOR).fact(ObjectRights, "enforced-bucket").single_policy

    assert denied == Unread(
        Reason.PERMISSION_DENIED, "s3:GetBucketOwnershipControls", "s3:GetBucketOwnershipControls", "AccessDenied"
    )


def test_whom_buckets_let_read(read: Read, client: Client, faults: Faults) -> None:
    """A guard keeps a policy for everybody within the account; without the guards or the policy nobody knows."""
    s3 = client("s3")
    for name in ("plain-bucket", "open-bucket"):
        s3.create_bucket(Bucket=name)
    partner = {**PUBLIC, "Principal": {"AWS": "arn:aws:iam::222222222222:role/partner"}}
    s3.put_bucket_policy(Bucket="open-bucket", Policy=policy(PUBLIC, partner))

    reading = read(COLLECTOR)
    plain, opened = reading.fact(StoreAccess, "plain-bucket"), reading.fact(StoreAccess, "open-bucket")

    assert (plain.store, plain.named, plain.by_identity) == ("object_store", (), True)
    assert opened.named == ("arn:aws:iam::222222222222:role/partner", EVERYBODY)

    s3.put_public_access_block(Bucket="open-bucket", PublicAccessBlockConfiguration=GUARD)
    guarded = read(COLLECTOR).fact(StoreAccess, "open-bucket")
    assert guarded.named == ("123456789012", "arn:aws:iam::222222222222:role/partner")

    faults.deny.add("s3:GetPublicAccessBlock")
    reading = read(COLLECTOR)
    assert isinstance(reading.fact(StoreAccess, "open-bucket").named, Unread)
    assert reading.fact(StoreAccess, "plain-bucket").named == ()

    faults.deny.add("s3:GetBucketPolicy")
    lost = read(COLLECTOR).fact(StoreAccess, "plain-bucket")
    assert isinstance(lost.named, Unread)
    assert isinstance(lost.by_identity, Unread)


@pytest.mark.parametrize(
    ("rule", "deletes"),
    [
        ({"Expiration": {"Days": 30}}, True),
        ({"NoncurrentVersionExpiration": {"NoncurrentDays": 30}}, True),
        ({"Expiration": {"ExpiredObjectDeleteMarker": True}}, False),
        ({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}, False),
        ({"Transitions": [{"Days": 30, "StorageClass": "GLACIER"}]}, False),
        ({"Expiration": {"Days": 30}, "Status": "Disabled"}, False),
    ],
)
def test_which_rules_delete_objects(read: Read, client: Client, rule: dict[str, Any], *, deletes: bool) -> None:
    """Markers, unfinished uploads and moves to cheaper storage destroy nothing."""
    s3 = client("s3")
    s3.create_bucket(Bucket="store")
    given = {"ID": "rule", "Status": "Enabled", "Filter": {"Prefix": ""}, **rule}
    s3.put_bucket_lifecycle_configuration(Bucket="store", LifecycleConfiguration={"Rules": [given]})

    assert read(COLLECTOR).fact(ObjectStore, "store").expires_objects is deletes


def test_a_store_without_rules_deletes_nothing() -> None:
    """There is no such configuration."""
    assert deletes_objects({"absent": "NoSuchLifecycleConfiguration"}) is False
