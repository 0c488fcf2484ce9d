"""Keys of Cloud KMS: their rotation, what of them is about to be destroyed, and who may use them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial

from collectors.api import Body, Collector, Document, Then
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Unread
from collectors.facts.data_access import Sharing
from collectors.facts.stores import EncryptionKey
from collectors.gcp.ancestry import EVERYBODY, pairs
from collectors.gcp.kinds import rest
from collectors.gcp.names import days, full_name, last, place_of
from collectors.gcp.session import Reader

# KMS knows no wildcard for places: each that it names is asked for its rings.
LOCATION = rest(
    "gcp.cloudkms.location",
    "cloudkms",
    "projects.locations.list",
    "/v1/projects/{project}/locations?pageSize=200",
    permission="cloudkms.locations.list",
    items="locations",  # there are always some, so that an answer without any is malformed
    volatile=("*",),
)
RING = rest(
    "gcp.cloudkms.ring",
    "cloudkms",
    "projects.locations.keyRings.list",
    "/v1/{location:path}/keyRings?pageSize=1000",
    permission="cloudkms.keyRings.list",
    items="keyRings",
    omits_empty=True,
    within=LOCATION,
)
KEY = rest(
    "gcp.cloudkms.key",
    "cloudkms",
    "projects.locations.keyRings.cryptoKeys.list",
    "/v1/{ring:path}/cryptoKeys?pageSize=1000",
    permission="cloudkms.cryptoKeys.list",
    items="cryptoKeys",
    omits_empty=True,
    # A rotation is nobody's change of a setting.
    volatile=("nextRotationTime", "primary.name", "primary.createTime", "primary.generateTime"),
    within=RING,
)
DOOMED = rest(
    "gcp.cloudkms.doomed_versions",
    "cloudkms",
    "projects.locations.keyRings.cryptoKeys.cryptoKeyVersions.list",
    "/v1/{key:path}/cryptoKeyVersions?filter=state%3DDESTROY_SCHEDULED&pageSize=1000",
    permission="cloudkms.cryptoKeyVersions.list",
    items="cryptoKeyVersions",
    omits_empty=True,
)
RING_POLICY = rest(
    "gcp.cloudkms.ring_policy",
    "cloudkms",
    "projects.locations.keyRings.getIamPolicy",
    "/v1/{ring:path}:getIamPolicy?options.requestedPolicyVersion=3",
    permission="cloudkms.keyRings.getIamPolicy",
    volatile=("etag",),
)
KEY_POLICY = rest(
    "gcp.cloudkms.key_policy",
    "cloudkms",
    "projects.locations.keyRings.cryptoKeys.getIamPolicy",
    "/v1/{key:path}:getIamPolicy?options.requestedPolicyVersion=3",
    permission="cloudkms.cryptoKeys.getIamPolicy",
    volatile=("etag",),
)
USING = frozenset(
    f"roles/cloudkms.cryptoKey{each}"
    for each in (
        "Encrypter",
        "Decrypter",
        "EncrypterDecrypter",
        "EncrypterViaDelegation",
        "DecrypterViaDelegation",
        "EncrypterDecrypterViaDelegation",
    )
) | {"roles/owner"}
"""Roles that let somebody encrypt or decrypt: Cloud KMS, permissions and roles."""
SYMMETRIC = "ENCRYPT_DECRYPT"


def fetch(gcp: Reader) -> Iterator[Document | Then]:
    """Each place of the service, and the rings in it.  Raises ValueError when Google names no place at all."""
    names: list[str] = []
    for page in gcp.pages(LOCATION):
        names += [location["name"] for location in page[LOCATION.items]]
        if not names and "nextPageToken" not in page:
            raise ValueError("no place was named")
    for name in names:
        uid = full_name("cloudkms", name)
        yield Then(rings, (uid, name), f"{uid}/{RING.operation}")


def rings(gcp: Reader, place: str, name: str) -> Iterator[Document | Then]:
    """The rings of one place."""
    for ring in gcp.listing(RING, within=place, location=name):
        uid = full_name("cloudkms", ring["name"])
        yield gcp.document(RING, uid, ring)
        yield Then(keys, (uid, ring["name"]), f"{uid}/{KEY.operation}")


def keys(gcp: Reader, uid: str, name: str) -> Iterator[Document | Then]:
    """The keys of one ring, and its policy, which counts for all of them."""
    found = False
    for key in gcp.listing(KEY, within=uid, ring=name):
        found = True
        key_uid = full_name("cloudkms", key["name"])
        yield gcp.document(KEY, key_uid, key)
        yield Then(details, (key_uid, key["name"]), f"{key_uid}/{KEY_POLICY.operation}")
    if found:
        yield from gcp.read(RING_POLICY, uid, ring=name)


def details(gcp: Reader, uid: str, name: str) -> Iterator[Document]:
    """What only a key itself tells."""
    yield from gcp.gather(DOOMED, uid, key=name)
    yield from gcp.read(KEY_POLICY, uid, key=name)


def shape(docs: Documents) -> Iterator[Fact]:
    """Two facts per key: how it lives, and whether everybody may use it."""
    for key in docs.of(KEY):
        uid = key.uid
        users = _users(docs, uid)
        ring = docs.get(RING_POLICY, uid.rpartition("/cryptoKeys/")[0])
        yield EncryptionKey(
            resource=docs.resource("encryption_key", uid, last(uid), place_of(uid)),
            documents=docs.about(uid, *([] if isinstance(ring, Unread) else [ring])),
            customer_managed=True,  # keys of Google's own are in no list
            enabled=docs.field(KEY, key, is_on),
            rotatable=docs.field(KEY, key, can_rotate),
            rotates=docs.field(KEY, key, lambda body: "rotationPeriod" in body),
            rotation_days=docs.field(KEY, key, lambda body: days(body.get("rotationPeriod", "0s")) or None),
            deletion_date=docs.value(DOOMED, uid, first_end),
            users=users,
        )
        yield Sharing(
            resource=docs.resource("encryption_key", uid, last(uid), place_of(uid)),
            documents=docs.about(uid),
            what="encryption key",
            everybody=users if isinstance(users, Unread) else not EVERYBODY.isdisjoint(users),
        )


def _users(docs: Documents, uid: str) -> tuple[str, ...] | Unread:
    """Who may use a key by a policy of its own or of its ring; rights for the whole project are told elsewhere."""
    found: set[str] = set()
    for kind, whose in ((KEY_POLICY, uid), (RING_POLICY, uid.rpartition("/cryptoKeys/")[0])):
        said = docs.value(kind, whose, partial(members, roles=USING))
        if isinstance(said, Unread):
            return said
        found |= said
    return tuple(sorted(found))


def members(policy: Body, roles: Iterable[str]) -> frozenset[str]:
    """Who holds one of these roles by a policy."""
    return frozenset(member for role, member in pairs(policy) if role in roles and not member.startswith("deleted:"))


def is_on(key: Body) -> bool:
    """A symmetric key is used by its primary version; others have none, and are used version by version."""
    if key["purpose"] != SYMMETRIC:
        return True
    return bool(key.get("primary", {}).get("state") == "ENABLED")


def can_rotate(key: Body) -> bool:
    """Google makes new versions only of symmetric keys whose material it makes itself: Cloud KMS, key rotation."""
    outside = str(key.get("versionTemplate", {}).get("protectionLevel", "SOFTWARE")).startswith("EXTERNAL")
    return key["purpose"] == SYMMETRIC and not outside and not key.get("importOnly", False)


def first_end(body: Body) -> datetime | None:
    """When the first version of a key that awaits it is destroyed, and with it what it encrypted."""
    return min((when(each["destroyTime"]) for each in body["cryptoKeyVersions"]), default=None)


COLLECTOR = Collector(
    id="gcp.kms_keys",
    title="Keys of Cloud KMS",
    scope="global",
    kinds=(LOCATION, RING, KEY, DOOMED, RING_POLICY, KEY_POLICY),
    emits={EncryptionKey: KEY, Sharing: KEY},
    source="Cloud Key Management Service API v1",
    fetch=fetch,
    shape=shape,
)
