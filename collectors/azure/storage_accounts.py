"""Storage accounts, their file shares, and what decides who can read them and how long they keep."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.azure.diagnostics import destination, settings_of
from collectors.azure.endpoints import admitted, private_endpoints, tls_version
from collectors.azure.kinds import of_resource, of_subscription
from collectors.azure.resources import is_on, name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Unread
from collectors.facts.data_access import DataEndpoint, SharedKey, StoreSafeguards
from collectors.facts.stores import FileSystem, ObjectStore

TYPE = "Microsoft.Storage/storageAccounts"
VERSION = "2023-05-01"

ACCOUNT = of_subscription("azure.storage.account", TYPE, VERSION)
BLOBS = of_resource("azure.storage.blob_service", f"{TYPE}/blobServices", VERSION, below="blobServices/default")
CONTAINERS = of_resource(
    "azure.storage.containers",
    f"{TYPE}/blobServices/containers",
    VERSION,
    below="blobServices/default/containers",
    items="value",
)
LIFECYCLE = of_resource(
    "azure.storage.lifecycle",
    f"{TYPE}/managementPolicies",
    VERSION,
    below="managementPolicies/default",
    absent=("ManagementPolicyNotFound", "ResourceNotFound"),
)
LOGGING = settings_of("azure.storage.blob_logging", below="blobServices/default")
SHARE = of_resource(
    "azure.storage.share",
    f"{TYPE}/fileServices/shares",
    VERSION,
    below="fileServices/default/shares",
    items="value",
    within=ACCOUNT,
    volatile=("etag", "properties.lastModifiedTime"),  # they move with each file that is written
)
ELSEWHERE = ("grs", "ragrs", "gzrs", "ragzrs")
"""Redundancies that keep a copy in another region."""
READS = "StorageRead"
"""The category of log entries that tells who read what."""
KEYS = ("key1", "key2")
"""Every account has these two, and either opens everything in it."""
OLDEST_TLS = "TLS1_0"
"""What an account accepts that says nothing: Storage resource provider, `minimumTlsVersion`."""


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every account, and the settings of what it can hold: premium ones hold only blobs, or only files."""
    for account in azure.listing(ACCOUNT):
        uid = uid_of(account)
        yield azure.document(ACCOUNT, uid, account)
        if holds(account, "blob"):
            for kind in (BLOBS, LIFECYCLE):
                yield Then(setting, (kind, uid), f"{uid}/{kind.operation}")
            for kind in (CONTAINERS, LOGGING):
                yield Then(settings, (kind, uid), f"{uid}/{kind.operation}")
        if holds(account, "file"):
            yield Then(shares, (uid,), f"{uid}/{SHARE.operation}")


def holds(body: Body, service: str) -> bool:
    """The account has this service.  It names an address for each; one that names none is asked about all."""
    addresses = body.get("properties", {}).get("primaryEndpoints")
    return addresses is None or service in addresses


def setting(azure: Reader, kind: Kind, uid: str) -> Iterator[Document]:
    """One setting of one account."""
    yield from azure.read(kind, uid, id=uid)


def settings(azure: Reader, kind: Kind, uid: str) -> Iterator[Document]:
    """All of one kind that an account has, as one document."""
    yield from azure.gather(kind, uid, id=uid)


def shares(azure: Reader, uid: str) -> Iterator[Document]:
    """Every file share of one account."""
    for share in azure.listing(SHARE, within=uid, id=uid):
        yield azure.document(SHARE, uid_of(share), share)


def shape(docs: Documents) -> Iterator[Fact]:
    """One object store per account: it holds the settings, and containers can only open what it lets them."""
    accounts = {account.uid: account for account in docs.of(ACCOUNT)}
    for account in accounts.values():
        if holds(account.body, "blob"):
            yield _store(docs, account)
            yield _safeguards(docs, account)
        yield _endpoint(docs, account)
        yield from (_key(docs, account, name) for name in KEYS)
    for share in docs.of(SHARE):
        yield _share(docs, share, accounts[share.uid.rpartition("/fileservices/")[0]])


def _store(docs: Documents, account: Document) -> ObjectStore:
    uid = account.uid
    return ObjectStore(
        resource=docs.resource("object_store", uid, name_of(account.body), place_of(account.body)),
        documents=docs.about(uid),
        encrypted_at_rest=docs.field(ACCOUNT, account, encrypted),
        customer_key=docs.field(ACCOUNT, account, customer_key),
        requires_tls=docs.field(ACCOUNT, account, requires_tls),
        versioned=docs.value(BLOBS, uid, lambda body: bool(properties(body).get("isVersioningEnabled", False))),
        access_log_to=docs.value(LOGGING, uid, lambda body: destination(body, READS)),
        public=_public(docs, account),
        public_access_blocked=docs.field(ACCOUNT, account, lambda body: not lets_anonymous(body)),
        object_lock_days=docs.value(CONTAINERS, uid, lock_days),
        expires_objects=docs.value(LIFECYCLE, uid, deletes_objects),
        replicated_to=docs.field(ACCOUNT, account, copies),
    )


def _safeguards(docs: Documents, account: Document) -> StoreSafeguards:
    uid = account.uid
    return StoreSafeguards(
        resource=docs.resource("object_store", uid, name_of(account.body), place_of(account.body)),
        documents=docs.about(uid),
        encrypted_twice=docs.field(ACCOUNT, account, encrypted_twice),
        deleted_stores_kept_days=docs.value(BLOBS, uid, containers_kept_days),
    )


def _endpoint(docs: Documents, account: Document) -> DataEndpoint:
    uid = account.uid
    return DataEndpoint(
        resource=docs.resource("object_store", uid, name_of(account.body), place_of(account.body)),
        documents=docs.about(uid),
        service="storage account",
        requires_tls=docs.field(ACCOUNT, account, requires_tls),
        minimum_tls=docs.field(
            ACCOUNT, account, lambda body: tls_version(properties(body).get("minimumTlsVersion") or OLDEST_TLS)
        ),
        open_ranges=docs.field(ACCOUNT, account, lambda body: admitted(properties(body))),
        # The exception for "trusted services" lets in named services of Azure, not what customers run there.
        admits_provider=False,
        private_endpoints=docs.field(ACCOUNT, account, private_endpoints),
    )


def _key(docs: Documents, account: Document, name: str) -> SharedKey:
    owner = name_of(account.body)
    return SharedKey(
        resource=docs.resource("shared_key", f"{account.uid}/keys/{name}", f"{owner}/{name}", place_of(account.body)),
        documents=docs.about(account.uid),
        owner=owner,
        active=docs.field(ACCOUNT, account, takes_keys),
        created=docs.field(ACCOUNT, account, lambda body: when(properties(body)["keyCreationTime"][name])),
    )


def _share(docs: Documents, share: Document, account: Document) -> FileSystem:
    name = f"{name_of(account.body)}/{name_of(share.body)}"
    return FileSystem(
        resource=docs.resource("file_system", share.uid, name, place_of(account.body)),
        documents=docs.about(share.uid, account),
        encrypted_at_rest=docs.field(ACCOUNT, account, lambda body: encrypted(body, "file")),
        customer_key=docs.field(ACCOUNT, account, customer_key),
        backed_up=None,  # only a backup vault makes backups of shares
    )


def encrypted(body: Body, service: str = "blob") -> bool:
    """Blobs, or files, are encrypted.  Azure does so always; an answer that says otherwise would be news."""
    return is_on(properties(body)["encryption"]["services"][service]["enabled"])


def encrypted_twice(body: Body) -> bool:
    """A second layer with a key of Azure's lies below.  Left out by accounts that were made without."""
    return is_on(properties(body)["encryption"].get("requireInfrastructureEncryption") or False)


def requires_tls(body: Body) -> bool:
    """Plain HTTP is refused."""
    return is_on(properties(body)["supportsHttpsTrafficOnly"])


def takes_keys(body: Body) -> bool:
    """Requests that one of the two keys signed are taken.  Left out, they are."""
    allowed: bool | None = properties(body).get("allowSharedKeyAccess")
    return allowed is not False


def containers_kept_days(body: Body) -> int:
    """Days for which a deleted container can be brought back.  The policy is left out where none was ever set."""
    policy = properties(body).get("containerDeleteRetentionPolicy") or {"enabled": False}
    return int(policy["days"]) if is_on(policy["enabled"]) else 0


def customer_key(body: Body) -> str | None:
    """The address of the key in the customer's vault; None for Microsoft's own."""
    encryption = properties(body)["encryption"]
    if encryption["keySource"].lower() != "microsoft.keyvault":
        return None
    key = encryption["keyvaultproperties"]
    return f"{key['keyvaulturi'].rstrip('/')}/keys/{key['keyname']}".lower()


def lets_anonymous(body: Body) -> bool:
    """Containers may be opened to everybody.  Accounts from before this setting have none, and may."""
    allowed: bool | None = properties(body).get("allowBlobPublicAccess")
    return allowed is not False


def reachable(body: Body) -> bool:
    """Requests from any network are taken."""
    said = properties(body)
    if said.get("publicNetworkAccess", "Enabled").lower() != "enabled":
        return False
    rules = said.get("networkAcls")
    return rules is None or str(rules["defaultAction"]).lower() == "allow"


def _public(docs: Documents, account: Document) -> bool | Unread:
    """Some container is open to everybody, and neither the account nor its network takes that back."""
    possible = docs.field(ACCOUNT, account, lambda body: lets_anonymous(body) and reachable(body))
    if possible is not True:
        return possible
    return docs.value(CONTAINERS, account.uid, lambda body: any(map(opened, body["value"])))


def opened(container: Body) -> bool:
    """Everybody may read it, or list it too."""
    return str(properties(container).get("publicAccess") or "None").lower() != "none"


def lock_days(body: Body) -> int | None:
    """The shortest time for which every container is locked; None when some container is not, or there is none."""
    days = [_locked(properties(container)) for container in body["value"]]
    return min(days) if days and None not in days else None  # type: ignore[type-var]  # no None is left


def _locked(said: Body) -> int | None:
    policy = said.get("immutabilityPolicy") or {}
    locked = policy.get("properties", {})
    if locked.get("state") != "Locked":
        return None
    return int(locked["immutabilityPeriodSinceCreationInDays"])


def deletes_objects(body: Body) -> bool:
    """Some rule that is on deletes blobs after a time."""
    if "absent" in body:
        return False
    rules = properties(body)["policy"]["rules"]
    return any(
        rule.get("enabled", True) and "delete" in action
        for rule in rules
        for action in rule["definition"]["actions"].values()
    )


def copies(body: Body) -> tuple[str, ...]:
    """The region that keeps a copy, if the redundancy is of that kind."""
    redundancy = body["sku"]["name"].partition("_")[2].lower()
    if redundancy not in ELSEWHERE:
        return ()
    return (str(properties(body)["secondaryLocation"]),)


COLLECTOR = Collector(
    id="azure.storage_accounts",
    title="Storage accounts and their file shares",
    scope="global",
    kinds=(ACCOUNT, BLOBS, CONTAINERS, LIFECYCLE, LOGGING, SHARE),
    emits={
        ObjectStore: ACCOUNT,
        StoreSafeguards: ACCOUNT,
        DataEndpoint: ACCOUNT,
        SharedKey: ACCOUNT,
        FileSystem: SHARE,
    },
    source=f"Azure Storage resource provider {VERSION}; Azure Monitor diagnostic settings",
    fetch=fetch,
    shape=shape,
)
