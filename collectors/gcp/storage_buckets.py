"""Cloud Storage buckets and the settings that decide who can read them, how they are encrypted and kept."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Then
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.data_access import ObjectRights, StoreSafeguards
from collectors.facts.stores import ObjectStore
from collectors.gcp.kinds import rest
from collectors.gcp.session import Reader

BUCKET = rest(
    "gcp.storage.bucket",
    "storage",
    "buckets.list",
    "/storage/v1/b?project={project}&projection=noAcl&maxResults=1000",
    permission="storage.buckets.list",
    items="items",
    omits_empty=True,
    volatile=("etag", "metageneration", "updated"),
)
POLICY = rest(
    "gcp.storage.bucket_policy",
    "storage",
    "buckets.getIamPolicy",
    "/storage/v1/b/{bucket}/iam?optionsRequestedPolicyVersion=3",
    permission="storage.buckets.getIamPolicy",
    volatile=("etag",),
)
EVERYBODY = frozenset({"allUsers", "allAuthenticatedUsers"})
SECONDS_OF_A_DAY = 86_400


def fetch(gcp: Reader) -> Iterator[Document | Then]:
    """Every bucket of the project with its settings, and each one's policy."""
    for bucket in gcp.listing(BUCKET):
        uid = uid_of(bucket)
        yield gcp.document(BUCKET, uid, bucket)
        yield Then(policy, (uid, bucket["name"]), f"{uid}/{POLICY.operation}")


def policy(gcp: Reader, uid: str, name: str) -> Iterator[Document]:
    """Who may do what with one bucket."""
    yield from gcp.read(POLICY, uid, bucket=name)


def uid_of(bucket: Body) -> str:
    """The full name of a bucket, as Cloud Asset Inventory writes it."""
    return f"//storage.googleapis.com/{bucket['name']}"


def shape(docs: Documents) -> Iterator[Fact]:
    """Each bucket as an object store, by its safeguards and by how rights to its objects come about."""
    for bucket in docs.of(BUCKET):
        uid, body = bucket.uid, bucket.body
        yield ObjectStore(
            resource=docs.resource("object_store", uid, body["name"], str(body["location"]).lower()),
            documents=docs.about(uid),
            encrypted_at_rest=True,  # Google encrypts whatever it stores, and nobody can turn that off
            customer_key=docs.field(BUCKET, bucket, lambda said: said.get("encryption", {}).get("defaultKmsKeyName")),
            requires_tls=True,  # https://cloud.google.com/storage/docs/encryption: the API refuses plain HTTP tokens
            versioned=docs.field(BUCKET, bucket, lambda said: bool(said.get("versioning", {}).get("enabled", False))),
            access_log_to=docs.field(BUCKET, bucket, lambda said: said.get("logging", {}).get("logBucket")),
            public=_public(docs, bucket),
            public_access_blocked=docs.field(BUCKET, bucket, prevented),
            object_lock_days=docs.field(BUCKET, bucket, lock_days),
            expires_objects=docs.field(BUCKET, bucket, deletes_objects),
            replicated_to=docs.field(BUCKET, bucket, places),
        )
        resource = docs.resource("object_store", uid, body["name"], str(body["location"]).lower())
        yield StoreSafeguards(
            resource=resource,
            documents=docs.about(uid),
            encrypted_twice=None,  # Google has no second layer that could be chosen
            deleted_stores_kept_days=docs.field(BUCKET, bucket, soft_delete_days),
        )
        yield ObjectRights(
            resource=resource,
            documents=docs.about(uid),
            single_policy=docs.field(
                BUCKET, bucket, lambda said: bool(said["iamConfiguration"]["uniformBucketLevelAccess"]["enabled"])
            ),
        )


def prevented(body: Body) -> bool:
    """Public access is taken back on the bucket itself; `inherited` leaves it to an organization policy."""
    return bool(body["iamConfiguration"].get("publicAccessPrevention", "inherited") == "enforced")


def _public(docs: Documents, bucket: Document) -> bool | Unread:
    """Some role is granted to everybody, and the bucket does not take that back."""
    blocked = docs.field(BUCKET, bucket, prevented)
    if blocked is True:
        return False
    return docs.value(POLICY, bucket.uid, opens_to_everybody)


def opens_to_everybody(body: Body) -> bool:
    """A binding names everybody, or everybody with a Google account."""
    return any(EVERYBODY & set(binding.get("members", ())) for binding in body.get("bindings", ()))


def lock_days(body: Body) -> int | None:
    """Days for which objects cannot be deleted, by a policy that is locked; None where there is none."""
    kept = body.get("retentionPolicy")
    if kept is None or not kept.get("isLocked", False):
        return None
    return int(kept["retentionPeriod"]) // SECONDS_OF_A_DAY


def soft_delete_days(body: Body) -> int:
    """Whole days for which a deleted bucket and its objects can be brought back; 0 when they are gone at once."""
    return int(body["softDeletePolicy"]["retentionDurationSeconds"]) // SECONDS_OF_A_DAY


def deletes_objects(body: Body) -> bool:
    """Some rule of the lifecycle deletes objects."""
    return any(rule["action"]["type"] == "Delete" for rule in body.get("lifecycle", {}).get("rule", ()))


def places(body: Body) -> tuple[str, ...]:
    """The regions that hold the objects, where they are more than one."""
    if body["locationType"] == "region":
        return ()
    return tuple(body.get("customPlacementConfig", {}).get("dataLocations", ())) or (str(body["location"]).lower(),)


COLLECTOR = Collector(
    id="gcp.storage_buckets",
    title="Cloud Storage buckets",
    scope="global",
    kinds=(BUCKET, POLICY),
    emits={ObjectStore: BUCKET, StoreSafeguards: BUCKET, ObjectRights: BUCKET},
    source="Cloud Storage JSON API v1",
    fetch=fetch,
    shape=shape,
)
