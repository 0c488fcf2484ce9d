"""S3 buckets and the settings that decide who can read them, how they are encrypted and how long they keep."""

from __future__ import annotations

import json
from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.aws.statements import as_list
from collectors.aws.store_access import lets_identities_in, named
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.data_access import ObjectRights
from collectors.facts.rights import EVERYBODY as ANYBODY
from collectors.facts.rights import StoreAccess
from collectors.facts.stores import AccountPublicAccess, ObjectStore

ACCOUNT_BLOCK = Kind(
    "aws.s3.account_public_access_block",
    "s3control",
    "GetPublicAccessBlock",
    permission="s3:GetAccountPublicAccessBlock",
    absent=("NoSuchPublicAccessBlockConfiguration",),
)

BUCKET = Kind("aws.s3.bucket", "s3", "ListBuckets", permission="s3:ListAllMyBuckets", items="Buckets")
LOCATION = Kind("aws.s3.location", "s3", "GetBucketLocation")
ENCRYPTION = Kind(
    "aws.s3.encryption",
    "s3",
    "GetBucketEncryption",
    permission="s3:GetEncryptionConfiguration",
    absent=("ServerSideEncryptionConfigurationNotFoundError",),
)
VERSIONING = Kind("aws.s3.versioning", "s3", "GetBucketVersioning")
PUBLIC_BLOCK = Kind(
    "aws.s3.public_access_block",
    "s3",
    "GetPublicAccessBlock",
    permission="s3:GetBucketPublicAccessBlock",
    absent=("NoSuchPublicAccessBlockConfiguration",),
)
POLICY = Kind("aws.s3.policy", "s3", "GetBucketPolicy", absent=("NoSuchBucketPolicy",))
POLICY_STATUS = Kind("aws.s3.policy_status", "s3", "GetBucketPolicyStatus", absent=("NoSuchBucketPolicy",))
ACCESS_LIST = Kind("aws.s3.acl", "s3", "GetBucketAcl")
OWNERSHIP = Kind(
    "aws.s3.ownership_controls",
    "s3",
    "GetBucketOwnershipControls",
    absent=("OwnershipControlsNotFoundError",),
)
LOGGING = Kind("aws.s3.logging", "s3", "GetBucketLogging")
LIFECYCLE = Kind(
    "aws.s3.lifecycle",
    "s3",
    "GetBucketLifecycleConfiguration",
    permission="s3:GetLifecycleConfiguration",
    absent=("NoSuchLifecycleConfiguration",),
)
OBJECT_LOCK = Kind(
    "aws.s3.object_lock",
    "s3",
    "GetObjectLockConfiguration",
    permission="s3:GetBucketObjectLockConfiguration",
    absent=("ObjectLockConfigurationNotFoundError",),
)
REPLICATION = Kind(
    "aws.s3.replication",
    "s3",
    "GetBucketReplication",
    permission="s3:GetReplicationConfiguration",
    absent=("ReplicationConfigurationNotFoundError",),
)
SETTINGS = (
    ENCRYPTION,
    VERSIONING,
    PUBLIC_BLOCK,
    POLICY,
    POLICY_STATUS,
    ACCESS_LIST,
    OWNERSHIP,
    LOGGING,
    LIFECYCLE,
    OBJECT_LOCK,
    REPLICATION,
)
GUARDS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
ENDS = frozenset({"Days", "Date"})
"""What an expiration rule ends objects by; the third thing that it can say only takes away markers of deleted ones."""
EVERYBODY = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """The account's own guard, every bucket, and each one's settings from its own region."""
    yield from aws.read(ACCOUNT_BLOCK, account_uid(aws.partition, aws.account), AccountId=aws.account)
    for bucket in aws.listing(BUCKET, MaxBuckets=1000):
        name = bucket["Name"]
        yield aws.document(BUCKET, bucket_uid(aws.partition, name), bucket)
        if "BucketRegion" in bucket:
            yield from _settings(name, bucket["BucketRegion"])
        else:
            yield Then(located, (name,), f"{name}/{LOCATION.operation}")


def located(aws: Reader, name: str) -> Iterator[Document | Then]:
    """Where a bucket is, for endpoints that leave it out of the listing; then its settings."""
    region = ""
    for location in aws.read(LOCATION, bucket_uid(aws.partition, name), Bucket=name):
        yield location
        region = region_of(location.body)
    yield from _settings(name, region)


def _settings(name: str, region: str) -> Iterator[Then]:
    for kind in SETTINGS:
        yield Then(setting, (kind, name), f"{name}/{kind.operation}", region)


def region_of(body: Body) -> str:
    """The region of a bucket; the oldest ones say nothing or `EU`."""
    place = body.get("LocationConstraint") or "us-east-1"
    return "eu-west-1" if place == "EU" else str(place)


def setting(aws: Reader, kind: Kind, name: str) -> Iterator[Document]:
    """One setting of one bucket."""
    yield from aws.read(kind, bucket_uid(aws.partition, name), Bucket=name)


def bucket_uid(partition: str, name: str) -> str:
    """The ARN of a bucket."""
    return f"arn:{partition}:s3:::{name}"


def account_uid(partition: str, account: str) -> str:
    """Stands for the account's guard, which has no ARN of its own."""
    return f"arn:{partition}:s3::{account}:public-access-block"


def shape(docs: Documents) -> Iterator[Fact]:
    """The account's guard, and each bucket as an object store and by where rights to its objects come from."""
    account = account_uid(docs.partition, docs.account)
    account_guards = docs.value(ACCOUNT_BLOCK, account, guards)
    yield AccountPublicAccess(
        resource=docs.resource("account", account, docs.account, "global"),
        documents=docs.about(account),
        blocked=account_guards if isinstance(account_guards, Unread) else account_guards == set(GUARDS),
    )
    for bucket in docs.of(BUCKET):
        store = _object_store(docs, bucket, account_guards)
        yield store
        yield ObjectRights(
            resource=store.resource,
            documents=store.documents,
            single_policy=docs.value(OWNERSHIP, bucket.uid, ignores_access_lists),
        )
        yield StoreAccess(
            resource=store.resource,
            documents=store.documents,
            store="object_store",
            named=_readers(docs, bucket.uid, account_guards),
            by_identity=docs.value(
                POLICY,
                bucket.uid,
                lambda body: "absent" in body or lets_identities_in(body["Policy"], "object_store", docs.account),
            ),
        )


def _object_store(docs: Documents, bucket: Document, account_guards: set[str] | Unread) -> ObjectStore:
    uid = bucket.uid
    bucket_guards = docs.value(PUBLIC_BLOCK, uid, guards)
    region = docs.value(LOCATION, uid, region_of) if "BucketRegion" not in bucket.body else bucket.body["BucketRegion"]
    place = "unknown" if isinstance(region, Unread) else str(region)
    return ObjectStore(
        resource=docs.resource("object_store", uid, bucket.body["Name"], place),
        documents=docs.about(uid),
        encrypted_at_rest=docs.value(ENCRYPTION, uid, lambda body: bool(algorithms(body))),
        customer_key=docs.value(ENCRYPTION, uid, lambda body: customer_key(body, docs, place)),
        requires_tls=docs.value(POLICY, uid, refuses_plain_http),
        versioned=docs.value(VERSIONING, uid, lambda body: body.get("Status") == "Enabled"),
        access_log_to=docs.value(LOGGING, uid, lambda body: body.get("LoggingEnabled", {}).get("TargetBucket")),
        public=_public(docs, uid, account_guards, bucket_guards),
        public_access_blocked=bucket_guards if isinstance(bucket_guards, Unread) else bucket_guards == set(GUARDS),
        object_lock_days=docs.value(OBJECT_LOCK, uid, lock_days),
        expires_objects=docs.value(LIFECYCLE, uid, deletes_objects),
        replicated_to=docs.value(REPLICATION, uid, destinations),
    )


def _readers(docs: Documents, uid: str, account_guards: set[str] | Unread) -> tuple[str, ...] | Unread:
    """Whom the policy lets read objects.  A guard keeps a policy for everybody within the account."""

    def read(body: Body) -> tuple[str, ...] | Unread:
        return () if "absent" in body else named(body["Policy"], POLICY, "object_store", docs.account)

    readers = docs.value(POLICY, uid, read)
    if isinstance(readers, Unread):
        return readers
    opened = _open_way(
        ANYBODY in readers, "RestrictPublicBuckets", account_guards, docs.value(PUBLIC_BLOCK, uid, guards)
    )
    if isinstance(opened, Unread):
        return opened
    guarded = ANYBODY in readers and not opened
    return tuple(sorted({*readers, docs.account} - {ANYBODY})) if guarded else readers


def guards(body: Body) -> set[str]:
    """The public-access guards that are on."""
    if "absent" in body:
        return set()
    settings = body["PublicAccessBlockConfiguration"]
    return {guard for guard in GUARDS if settings[guard]}


def _public(
    docs: Documents, uid: str, account_guards: set[str] | Unread, bucket_guards: set[str] | Unread
) -> bool | Unread:
    """Open by policy or by access list, unless a guard of the bucket or of the account takes that way away."""
    by_policy = docs.value(
        POLICY_STATUS, uid, lambda body: "absent" not in body and bool(body["PolicyStatus"]["IsPublic"])
    )
    by_list = docs.value(ACCESS_LIST, uid, opens_to_everybody)
    ways = (
        _open_way(by_policy, "RestrictPublicBuckets", account_guards, bucket_guards),
        _open_way(by_list, "IgnorePublicAcls", account_guards, bucket_guards),
    )
    if True in ways:
        return True
    return next((way for way in ways if isinstance(way, Unread)), False)


def _open_way(opened: bool | Unread, guard: str, *levels: set[str] | Unread) -> bool | Unread:  # a value, not a switch
    """Open and not guarded.  A guard that was read settles it, whatever else is unread."""
    if opened is False or any(not isinstance(level, Unread) and guard in level for level in levels):
        return False
    return next((value for value in (opened, *levels) if isinstance(value, Unread)), True)


def opens_to_everybody(body: Body) -> bool:
    """Some grant of the access list goes to everybody, or to everybody with any AWS account."""
    return any(grant["Grantee"].get("URI") in EVERYBODY for grant in body["Grants"])


def ignores_access_lists(body: Body) -> bool:
    """Access lists decide nothing.  Without the setting, which old buckets never got, they do."""
    return "absent" not in body and body["OwnershipControls"]["Rules"][0]["ObjectOwnership"] == "BucketOwnerEnforced"


def algorithms(body: Body) -> list[str]:
    """Default encryption algorithms of new objects."""
    if "absent" in body:
        return []
    rules = body["ServerSideEncryptionConfiguration"]["Rules"]
    return [rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] for rule in rules]


def customer_key(body: Body, docs: Documents, region: str) -> str | None:
    """The ARN of the key that is named for new objects; None for the service's own key and for none.

    A bare id means a key of the bucket's account and region.
    """
    if not algorithms(body):
        return None
    defaults = body["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"]
    key = defaults.get("KMSMasterKeyID")
    if key is None or key.endswith("alias/aws/s3"):
        return None
    if key.startswith("arn:"):
        return str(key)
    name = key if key.startswith("alias/") else f"key/{key}"
    return f"arn:{docs.partition}:kms:{region}:{docs.account}:{name}"


def refuses_plain_http(body: Body) -> bool:
    """Some statement denies everybody every action on the bucket's objects when the request has no TLS.

    A denial that names principals, single actions or further conditions leaves a way open, so it does not count.
    """
    if "absent" in body:
        return False
    statements = json.loads(body["Policy"])["Statement"]
    return any(_denies_plain_http(statement) for statement in as_list(statements))


def _denies_plain_http(statement: Body) -> bool:
    condition = {
        operator.lower(): {key.lower(): as_list(value) for key, value in keys.items()}
        for operator, keys in statement.get("Condition", {}).items()
    }
    return (
        statement["Effect"] == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        and bool({"*", "s3:*"} & set(as_list(statement.get("Action", []))))
        and any(resource == "*" or resource.endswith("/*") for resource in as_list(statement.get("Resource", [])))
        and condition in ({"bool": {"aws:securetransport": ["false"]}}, {"bool": {"aws:securetransport": [False]}})
    )


def lock_days(body: Body) -> int | None:
    """Default retention in days; 0 when object lock is on without one; None when it is off."""
    if "absent" in body or body["ObjectLockConfiguration"].get("ObjectLockEnabled") != "Enabled":
        return None
    retention = body["ObjectLockConfiguration"].get("Rule", {}).get("DefaultRetention", {})
    return int(retention.get("Days", 0)) + 365 * int(retention.get("Years", 0))


def deletes_objects(body: Body) -> bool:
    """Some enabled rule deletes current or earlier versions of objects."""
    if "absent" in body:
        return False
    return any(
        rule["Status"] == "Enabled"
        and ("NoncurrentVersionExpiration" in rule or not ENDS.isdisjoint(rule.get("Expiration", {})))
        for rule in body["Rules"]
    )


def destinations(body: Body) -> tuple[str, ...]:
    """Buckets that enabled rules replicate to."""
    if "absent" in body:
        return ()
    rules = body["ReplicationConfiguration"]["Rules"]
    return tuple(sorted({rule["Destination"]["Bucket"] for rule in rules if rule["Status"] == "Enabled"}))


COLLECTOR = Collector(
    id="aws.s3_buckets",
    title="S3 buckets and the account's public access guard",
    scope="global",
    kinds=(ACCOUNT_BLOCK, BUCKET, LOCATION, *SETTINGS),
    emits={AccountPublicAccess: None, ObjectStore: BUCKET, ObjectRights: BUCKET, StoreAccess: BUCKET},
    source="Amazon S3 API 2006-03-01, S3 Control API 2018-08-20",
    fetch=fetch,
    shape=shape,
)
