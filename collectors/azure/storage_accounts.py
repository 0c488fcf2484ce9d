"""Storage accounts and the settings that decide who can read them, how they are encrypted and how long they keep."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.azure.diagnostics import destination, settings_of
from collectors.azure.kinds import of_resource, of_subscription
from collectors.azure.resources import name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.stores import ObjectStore

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
ELSEWHERE = ("grs", "ragrs", "gzrs", "ragzrs")
"""Redundancies that keep a copy in another region."""
READS = "StorageRead"
"""The category of log entries that tells who read what."""


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every account, and each one's own settings."""
    for account in azure.listing(ACCOUNT):
        uid = uid_of(account)
        yield azure.document(ACCOUNT, uid, account)
        for kind in (BLOBS, LIFECYCLE):
            yield Then(setting, (kind, uid), f"{uid}/{kind.operation}")
        for kind in (CONTAINERS, LOGGING):
            yield Then(settings, (kind, uid), f"{uid}/{kind.operation}")


def setting(azure: Reader, kind: Kind, uid: str) -> Iterator[Document]:
    """One setting of one account."""
    yield from azure.read(kind, uid, id=uid)


def settings(azure: Reader, kind: Kind, uid: str) -> Iterator[Document]:
    """All of one kind that an account has, as one document."""
    yield from azure.gather(kind, uid, id=uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """One object store per account: it holds the settings, and containers can only open what it lets them."""
    for account in docs.of(ACCOUNT):
        uid = account.uid
        yield ObjectStore(
            resource=docs.resource("object_store", uid, name_of(account.body), place_of(account.body)),
            documents=docs.about(uid),
            encrypted_at_rest=docs.field(ACCOUNT, account, encrypted),
            customer_key=docs.field(ACCOUNT, account, customer_key),
            requires_tls=docs.field(ACCOUNT, account, lambda body: bool(properties(body)["supportsHttpsTrafficOnly"])),
            versioned=docs.value(BLOBS, uid, lambda body: bool(properties(body).get("isVersioningEnabled", False))),
            access_log_to=docs.value(LOGGING, uid, lambda body: destination(body, READS)),
            public=_public(docs, account),
            public_access_blocked=docs.field(ACCOUNT, account, lambda body: not lets_anonymous(body)),
            object_lock_days=docs.value(CONTAINERS, uid, lock_days),
            expires_objects=docs.value(LIFECYCLE, uid, deletes_objects),
            replicated_to=docs.field(ACCOUNT, account, copies),
        )


def encrypted(body: Body) -> bool:
    """Blobs are encrypted.  Azure does so always; an answer that says otherwise would be news."""
    return bool(properties(body)["encryption"]["services"]["blob"]["enabled"])


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
    title="Storage accounts",
    scope="global",
    kinds=(ACCOUNT, BLOBS, CONTAINERS, LIFECYCLE, LOGGING),
    emits={ObjectStore: ACCOUNT},
    source=f"Azure Storage resource provider {VERSION}; Azure Monitor diagnostic settings",
    fetch=fetch,
    shape=shape,
)
