"""Cosmos DB accounts: network, TLS, keys, encryption, backups."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Then
from collectors.azure.diagnostics import destination, settings_of
from collectors.azure.endpoints import EVERYWHERE, PROVIDER, is_public, networks, private_endpoints, tls_version
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.azure.vault_keys import without_version
from collectors.documents import Documents, when
from collectors.facts.core import Fact
from collectors.facts.data_access import DataEndpoint, SharedKey
from collectors.facts.stores import Database

VERSION = "2024-05-15"
ENGINE = "cosmos db"

ACCOUNT = of_subscription("azure.cosmosdb.account", "Microsoft.DocumentDB/databaseAccounts", VERSION)
LOGGING = settings_of("azure.cosmosdb.logging")
LOGS = ("DataPlaneRequests", "MongoRequests", "CassandraRequests", "GremlinRequests", "ControlPlaneRequests")
"""Categories of log entries that tell who asked for what, by kind of interface."""
KEYS = {
    "primaryMasterKey": "primary",
    "secondaryMasterKey": "secondary",
    "primaryReadonlyMasterKey": "primary read-only",
    "secondaryReadonlyMasterKey": "secondary read-only",
}
CONTINUOUS_DAYS = {"continuous7days": 7, "continuous30days": 30}
LONGEST_TIER = "Continuous30Days"
"""What a continuous backup has that names no tier: Cosmos DB resource provider, `ContinuousModeProperties`."""
HOURS = 24


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every account, and where its logs go."""
    for account in azure.listing(ACCOUNT):
        uid = uid_of(account)
        yield azure.document(ACCOUNT, uid, account)
        yield Then(logging, (uid,), f"{uid}/{LOGGING.operation}")


def logging(azure: Reader, uid: str) -> Iterator[Document]:
    """The diagnostic settings of one account."""
    yield from azure.gather(LOGGING, uid, id=uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """Each account as a database and as an address, and each of its keys."""
    for account in docs.of(ACCOUNT):
        yield _database(docs, account)
        yield _endpoint(docs, account)
        yield from (_key(docs, account, name) for name in KEYS)


def _database(docs: Documents, account: Document) -> Database:
    uid = account.uid
    return Database(
        resource=docs.resource("database", uid, name_of(account.body), place_of(account.body)),
        documents=docs.about(uid),
        engine=ENGINE,
        clustered=False,
        encrypted_at_rest=True,  # always, with nothing to set: Cosmos DB, encryption at rest
        customer_key=docs.field(ACCOUNT, account, customer_key),
        public=docs.field(ACCOUNT, account, lambda body: is_public(properties(body))),
        backup_days=docs.field(ACCOUNT, account, backup_days),
        point_in_time=docs.field(ACCOUNT, account, lambda body: backup(body)["type"] == "Continuous"),
        deletion_protected=None,
        multi_zone=docs.field(ACCOUNT, account, spans_zones),
        exported_logs=docs.value(
            LOGGING, uid, lambda body: tuple(log for log in LOGS if destination(body, log) is not None)
        ),
        copies_tags_to_snapshots=None,
    )


def _endpoint(docs: Documents, account: Document) -> DataEndpoint:
    return DataEndpoint(
        resource=docs.resource("database", account.uid, name_of(account.body), place_of(account.body)),
        documents=docs.about(account.uid),
        service="Cosmos DB account",
        requires_tls=True,  # every interface speaks TLS only
        minimum_tls=docs.field(ACCOUNT, account, lambda body: tls_version(properties(body)["minimalTlsVersion"])),
        open_ranges=docs.field(ACCOUNT, account, admitted_networks),
        admits_provider=docs.field(ACCOUNT, account, lambda body: PROVIDER in rules(body)),
        private_endpoints=docs.field(ACCOUNT, account, private_endpoints),
    )


def _key(docs: Documents, account: Document, name: str) -> SharedKey:
    owner = name_of(account.body)
    return SharedKey(
        resource=docs.resource(
            "shared_key", f"{account.uid}/keys/{name.lower()}", f"{owner}/{KEYS[name]}", place_of(account.body)
        ),
        documents=docs.about(account.uid),
        owner=owner,
        # Left out, keys are taken: Cosmos DB resource provider, `disableLocalAuth`.
        active=docs.field(ACCOUNT, account, lambda body: properties(body).get("disableLocalAuth") is not True),
        created=docs.field(
            ACCOUNT, account, lambda body: when(properties(body)["keysMetadata"][name]["generationTime"])
        ),
    )


def customer_key(body: Body) -> str | None:
    """The key in the customer's vault; None with the provider's own, of which the answer says nothing."""
    address = properties(body).get("keyVaultKeyUri")
    return without_version(address) if address else None


def backup(body: Body) -> Body:
    """How an account is backed up.  Raises ValueError for a way that is not documented."""
    policy: Body = properties(body)["backupPolicy"]
    if policy["type"] not in {"Continuous", "Periodic"}:
        raise ValueError(f"backups of type {policy['type']}")
    return policy


def backup_days(body: Body) -> int:
    """Whole days for which backups are kept."""
    policy = backup(body)
    if policy["type"] == "Periodic":
        return int(policy["periodicModeProperties"]["backupRetentionIntervalInHours"]) // HOURS
    tier = (policy.get("continuousModeProperties") or {}).get("tier") or LONGEST_TIER
    return CONTINUOUS_DAYS[tier.lower()]


def spans_zones(body: Body) -> bool:
    """It runs in several regions, or in several zones of its only one; a region that does not says nothing of zones."""
    places = properties(body)["locations"]
    return len(places) > 1 or all(each.get("isZoneRedundant") is True for each in places)


def rules(body: Body) -> tuple[str, ...]:
    """Addresses and networks that the firewall names."""
    return tuple(str(each["ipAddressOrRange"]) for each in properties(body).get("ipRules") or ())


def admitted_networks(body: Body) -> tuple[str, ...]:
    """Public networks that get through: those that are named, all where nothing is, none without a public address."""
    said = properties(body)
    if not is_public(said):
        return ()
    if not rules(body) and said.get("isVirtualNetworkFilterEnabled") is not True:
        return EVERYWHERE
    return networks(each for each in rules(body) if each != PROVIDER)


COLLECTOR = Collector(
    id="azure.cosmos_accounts",
    title="Cosmos DB accounts",
    scope="global",
    kinds=(ACCOUNT, LOGGING),
    emits=dict.fromkeys((Database, DataEndpoint, SharedKey), ACCOUNT),
    source=f"Azure Cosmos DB resource provider {VERSION}; Azure Monitor diagnostic settings",
    fetch=fetch,
    shape=shape,
)
