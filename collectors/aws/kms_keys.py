"""Keys of the key management service: whose they are, whom they let in, whether they rotate or await destruction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.attestation import attested, unattested
from collectors.aws.resource_policies import everybody
from collectors.aws.session import Reader
from collectors.aws.store_access import lets_identities_in, named
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Unread
from collectors.facts.data_access import Sharing
from collectors.facts.rights import StoreAccess
from collectors.facts.stores import AttestedKey, EncryptionKey

KEY = Kind("aws.kms.key", "kms", "ListKeys", items="Keys")
DETAIL = Kind("aws.kms.key_metadata", "kms", "DescribeKey")
ROTATION = Kind(
    "aws.kms.key_rotation",
    "kms",
    "GetKeyRotationStatus",
    absent=("UnsupportedOperationException",),
    volatile=("NextRotationDate",),
)
POLICY = Kind("aws.kms.key_policy", "kms", "GetKeyPolicy")

PROVIDER_PERIOD = 365
"""Days between two rotations of a key that AWS manages: KMS Developer Guide, rotation of AWS managed keys."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every key of the region, with what describes it."""
    for key in aws.listing(KEY, Limit=1000):
        yield aws.document(KEY, key["KeyArn"], key)
        yield Then(details, (key["KeyArn"],), key["KeyArn"])


def details(aws: Reader, uid: str) -> Iterator[Document]:
    """A key's metadata; its policy and its rotation where these are the company's to decide."""
    for detail in aws.read(DETAIL, uid, KeyId=uid):
        yield detail
        if not is_customers(detail.body):
            continue
        yield from aws.read(POLICY, uid, KeyId=uid, PolicyName="default")  # no key has another one
        if can_rotate(detail.body):
            yield from aws.read(ROTATION, uid, KeyId=uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """One encryption key per listed key, whom it is shared with, and which programs it takes."""
    for key in docs.of(KEY):
        uid = key.uid
        rotates, days = _rotation(docs, uid)
        yield EncryptionKey(
            resource=docs.resource("encryption_key", uid, uid.rpartition("/")[2], key.region),
            documents=docs.about(uid),
            customer_managed=docs.value(DETAIL, uid, is_customers),
            enabled=docs.value(DETAIL, uid, lambda body: bool(body["KeyMetadata"]["Enabled"])),
            rotatable=docs.value(DETAIL, uid, can_rotate),
            rotates=rotates,
            rotation_days=days,
            deletion_date=docs.value(DETAIL, uid, deletion_date),
        )
        yield Sharing(
            resource=docs.resource("encryption_key", uid, uid.rpartition("/")[2], key.region),
            documents=docs.about(uid),
            what="encryption key",
            everybody=_shared(docs, uid),
        )
        # AWS lets nobody write the policies of its own keys, so there is nothing to ask of them.
        if docs.value(DETAIL, uid, is_customers) is not False:
            yield _attested(docs, key)
            yield _access(docs, key)


def _rotation(docs: Documents, uid: str) -> tuple[bool | Unread, int | None | Unread]:
    """Whether a key rotates, and after how many days.  What was not asked follows from the metadata."""
    customers = docs.value(DETAIL, uid, is_customers)
    rotatable = docs.value(DETAIL, uid, can_rotate)
    if isinstance(customers, Unread):
        return customers, customers
    if isinstance(rotatable, Unread):
        return rotatable, rotatable
    if not rotatable:
        return False, None
    if not customers:
        return True, PROVIDER_PERIOD
    return docs.value(ROTATION, uid, rotates_itself), docs.value(ROTATION, uid, period)


def _shared(docs: Documents, uid: str) -> bool | Unread:
    """Anybody may use the key; AWS writes the policies of its own keys, each for one account."""
    customers = docs.value(DETAIL, uid, is_customers)
    if customers is not True:
        return customers
    return docs.value(POLICY, uid, lambda body: everybody(body["Policy"], POLICY))


def _attested(docs: Documents, key: Document) -> AttestedKey:
    """What the policy asks of programs; where it is not known whose the key is, neither is that."""
    found = docs.value(DETAIL, key.uid, is_customers)
    policy = found if isinstance(found, Unread) else docs.value(POLICY, key.uid, lambda body: attested(body["Policy"]))
    return AttestedKey(
        resource=docs.resource("encryption_key", key.uid, key.uid.rpartition("/")[2], key.region),
        documents=docs.about(key.uid),
        attested=policy if isinstance(policy, Unread) else policy.asks,
        unattested=policy if isinstance(policy, Unread) else unattested(policy, POLICY),
        pinned=policy if isinstance(policy, Unread) else policy.pinned,
        values=policy if isinstance(policy, Unread) else policy.values,
    )


def _access(docs: Documents, key: Document) -> StoreAccess:
    """Whom the policy of a key lets decrypt; it was asked for only where it is known that the key is the company's."""
    uid, account = key.uid, docs.account
    found = docs.value(DETAIL, uid, is_customers)
    return StoreAccess(
        resource=docs.resource("encryption_key", uid, uid.rpartition("/")[2], key.region),
        documents=docs.about(uid),
        store="encryption_key",
        named=found
        if isinstance(found, Unread)
        else docs.value(POLICY, uid, lambda body: named(body["Policy"], POLICY, "encryption_key", account)),
        by_identity=found
        if isinstance(found, Unread)
        else docs.value(POLICY, uid, lambda body: lets_identities_in(body["Policy"], "encryption_key", account)),
    )


def is_customers(body: Body) -> bool:
    """The company made the key.  Any word but the two that KMS documents is malformed."""
    return {"CUSTOMER": True, "AWS": False}[body["KeyMetadata"]["KeyManager"]]


def can_rotate(body: Body) -> bool:
    """Symmetric, with material that KMS itself made: no imported, custom-store, asymmetric or HMAC key."""
    metadata = body["KeyMetadata"]
    return bool(metadata["KeySpec"] == "SYMMETRIC_DEFAULT" and metadata["Origin"] == "AWS_KMS")


def rotates_itself(body: Body) -> bool:
    """Automatic rotation is on; KMS says "unsupported" for a key that cannot have it."""
    return "absent" not in body and bool(body["KeyRotationEnabled"])


def period(body: Body) -> int | None:
    """Days between two rotations.  Left out when rotation is off, and by endpoints older than the setting."""
    days = body.get("RotationPeriodInDays") if rotates_itself(body) else None
    return None if days is None else int(days)


def deletion_date(body: Body) -> datetime | None:
    """When the key is destroyed; None when that is not planned.

    A multi-Region primary key that waits for its replicas has no date yet: the field is missing, so unread.
    """
    metadata = body["KeyMetadata"]
    if metadata["KeyState"] in {"PendingDeletion", "PendingReplicaDeletion"}:
        return when(metadata["DeletionDate"])
    return None


COLLECTOR = Collector(
    id="aws.kms_keys",
    title="KMS keys, their policies and their rotation",
    scope="region",
    kinds=(KEY, DETAIL, POLICY, ROTATION),
    emits={EncryptionKey: KEY, Sharing: KEY, AttestedKey: KEY, StoreAccess: KEY},
    source="AWS KMS API 2014-11-01",
    fetch=fetch,
    shape=shape,
)
