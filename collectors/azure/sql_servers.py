"""Azure SQL servers and their databases: encryption, firewall, auditing, sign-in and backups."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.azure.durations import days
from collectors.azure.endpoints import firewall, is_public, lets_provider_in, private_endpoints, tls_version
from collectors.azure.kinds import arm, of_resource
from collectors.azure.resources import is_on, name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.azure.vault_keys import without_version
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.data_access import DatabaseArchive, DatabaseAudit, DatabaseGuard, DatabaseSignIn, DataEndpoint
from collectors.facts.stores import Database

TYPE = "Microsoft.Sql/servers"
VERSION = "2021-11-01"
ENGINE = "sql server"
SYSTEM = "master"
"""The database that every server has and nobody can set anything for."""

SERVER = arm(
    "azure.sql.server",
    TYPE,
    # Without this the answer leaves out who of the directory administers the server.
    f"/subscriptions/{{subscription}}/providers/{TYPE}?$expand=administrators/activedirectory",
    VERSION,
    items="value",
)
ADMINISTRATORS = f"{TYPE}/administrators/read"
PROTECTOR = of_resource(
    "azure.sql.encryption_protector", f"{TYPE}/encryptionProtector", VERSION, below="encryptionProtector/current"
)
AUDITING = of_resource("azure.sql.auditing", f"{TYPE}/auditingSettings", VERSION, below="auditingSettings/default")
ALERTS = of_resource(
    "azure.sql.security_alerts", f"{TYPE}/securityAlertPolicies", VERSION, below="securityAlertPolicies/Default"
)
FIREWALL = of_resource("azure.sql.firewall", f"{TYPE}/firewallRules", VERSION, below="firewallRules", items="value")
FIREWALL_SIX = of_resource(
    "azure.sql.firewall_ipv6", f"{TYPE}/ipv6FirewallRules", VERSION, below="ipv6FirewallRules", items="value"
)
DATABASE = of_resource(
    "azure.sql.database",
    f"{TYPE}/databases",
    VERSION,
    below="databases",
    items="value",
    within=SERVER,
    volatile=(
        "properties.earliestRestoreDate",
        "properties.pausedDate",
        "properties.resumedDate",
        "properties.status",  # "Paused" while nobody asks a serverless one
    ),
)
ENCRYPTION = of_resource(
    "azure.sql.encryption",
    f"{TYPE}/databases/transparentDataEncryption",
    VERSION,
    below="transparentDataEncryption/current",
)
SHORT_TERM = of_resource(
    "azure.sql.short_term_retention",
    f"{TYPE}/databases/backupShortTermRetentionPolicies",
    VERSION,
    below="backupShortTermRetentionPolicies/default",
)
LONG_TERM = of_resource(
    "azure.sql.long_term_retention",
    f"{TYPE}/databases/backupLongTermRetentionPolicies",
    VERSION,
    below="backupLongTermRetentionPolicies/default",
)
SIGN_INS = {"SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP", "FAILED_DATABASE_AUTHENTICATION_GROUP"}
"""The groups of audited actions that tell who signs in, and who tries to."""
MONITOR = "azure monitor"


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every server, its settings, and its databases with theirs."""
    for server in azure.listing(SERVER):
        uid = uid_of(server)
        yield azure.document(SERVER, uid, server)
        for kind in (PROTECTOR, AUDITING, ALERTS, FIREWALL, FIREWALL_SIX):
            yield Then(setting, (kind, uid), f"{uid}/{kind.operation}")
        yield Then(databases, (uid,), f"{uid}/{DATABASE.operation}")


def setting(azure: Reader, kind: Kind, uid: str) -> Iterator[Document]:
    """One setting of a server or a database, or all of its rules, as one document."""
    read = azure.gather if kind.items else azure.read
    yield from read(kind, uid, id=uid)


def databases(azure: Reader, server: str) -> Iterator[Document | Then]:
    """Every database of one server."""
    for database in azure.listing(DATABASE, within=server, id=server):
        uid = uid_of(database)
        yield azure.document(DATABASE, uid, database)
        for kind in (ENCRYPTION, SHORT_TERM, LONG_TERM) if name_of(database) != SYSTEM else ():
            yield Then(setting, (kind, uid), f"{uid}/{kind.operation}")


def shape(docs: Documents) -> Iterator[Fact]:
    """What a server decides for all its databases, and each database with what it decides itself."""
    servers = {server.uid: server for server in docs.of(SERVER)}
    for server in servers.values():
        yield _endpoint(docs, server)
        yield from _conduct(docs, server)
    for database in docs.of(DATABASE):
        if name_of(database.body) != SYSTEM:
            server = servers[database.uid.rpartition("/databases/")[0]]
            yield _database(docs, database, server)
            yield DatabaseArchive(
                resource=docs.resource("database", database.uid, _name(database, server), place_of(database.body)),
                documents=docs.about(database.uid),
                longest_days=docs.value(LONG_TERM, database.uid, longest_retention),
            )


def _endpoint(docs: Documents, server: Document) -> DataEndpoint:
    ranges, provider = _admitted(docs, server)
    return DataEndpoint(
        resource=docs.resource("database_server", server.uid, name_of(server.body), place_of(server.body)),
        documents=docs.about(server.uid),
        service="SQL server",
        # Azure SQL takes encrypted connections only, whatever a client asks for: Azure SQL security overview, TLS.
        requires_tls=True,
        minimum_tls=docs.field(SERVER, server, minimum_tls),
        open_ranges=ranges,
        admits_provider=provider,
        private_endpoints=docs.field(SERVER, server, private_endpoints),
    )


def _admitted(docs: Documents, server: Document) -> tuple[tuple[str, ...] | Unread, bool | Unread]:
    """Addresses that the firewall lets in, and whether Azure itself is among them; nothing without a public address."""
    public = docs.field(SERVER, server, lambda body: is_public(properties(body)))
    if isinstance(public, Unread):
        return public, public
    if not public:
        return (), False
    four = docs.value(FIREWALL, server.uid, lambda body: firewall(body["value"]))
    six = docs.value(FIREWALL_SIX, server.uid, lambda body: firewall(body["value"]))
    provider = docs.value(FIREWALL, server.uid, lambda body: lets_provider_in(body["value"]))
    if isinstance(four, Unread) or isinstance(six, Unread):
        return four if isinstance(four, Unread) else six, provider
    return (*four, *six), provider


def _conduct(docs: Documents, server: Document) -> Iterator[Fact]:
    """What a server writes down, whether it watches for attacks, and who can sign in."""
    uid = server.uid
    resource = docs.resource("database_server", uid, name_of(server.body), place_of(server.body))
    documents = docs.about(uid)
    yield DatabaseAudit(
        resource=resource,
        documents=documents,
        engine=ENGINE,
        connections=docs.value(AUDITING, uid, lambda body: audited(body) >= SIGN_INS),
        server_events=None,
        sent_to=docs.value(AUDITING, uid, audit_receivers),
        # Only the storage account has a retention here.
        keeps=docs.value(AUDITING, uid, lambda body: any(each != MONITOR for each in audit_receivers(body))),
        kept_days=docs.value(AUDITING, uid, lambda body: int(properties(body)["retentionDays"]) or None),
        longest_days=None,
    )
    yield DatabaseGuard(
        resource=resource,
        documents=documents,
        engine=ENGINE,
        watched=docs.value(ALERTS, uid, lambda body: is_on(properties(body)["state"])),
    )
    yield DatabaseSignIn(
        resource=resource,
        documents=documents,
        engine=ENGINE,
        directory=docs.field(SERVER, server, lambda body: bool(properties(body).get("administrators"))),
        passwords=docs.field(SERVER, server, takes_passwords),
    )


def _database(docs: Documents, database: Document, server: Document) -> Database:
    uid = database.uid
    kept = docs.value(SHORT_TERM, uid, lambda body: int(properties(body)["retentionDays"]))
    return Database(
        resource=docs.resource("database", uid, _name(database, server), place_of(database.body)),
        documents=docs.about(uid, *(each for each in _of_server(docs, server) if isinstance(each, Document))),
        engine=ENGINE,
        clustered=False,
        encrypted_at_rest=docs.value(ENCRYPTION, uid, encrypted),
        customer_key=_key(docs, database, server),
        public=docs.field(SERVER, server, lambda body: is_public(properties(body))),
        backup_days=kept,
        # The backups that are kept are what restores to any moment.
        point_in_time=kept if isinstance(kept, Unread) else kept > 0,
        deletion_protected=None,
        multi_zone=docs.field(DATABASE, database, lambda body: is_on(properties(body)["zoneRedundant"])),
        exported_logs=docs.value(AUDITING, server.uid, lambda body: ("audit",) if audited(body) else ()),
        copies_tags_to_snapshots=None,
    )


def _of_server(docs: Documents, server: Document) -> tuple[Document | Unread, ...]:
    """What a database takes from its server."""
    return server, docs.get(PROTECTOR, server.uid), docs.get(AUDITING, server.uid)


def _name(database: Document, server: Document) -> str:
    return f"{name_of(server.body)}/{name_of(database.body)}"


def _key(docs: Documents, database: Document, server: Document) -> str | None | Unread:
    """The customer's key: the database's own, or else the server's; None where nothing is encrypted with it."""
    on = docs.value(ENCRYPTION, database.uid, encrypted)
    if on is not True:
        return on or None
    own = docs.field(DATABASE, database, lambda body: properties(body).get("encryptionProtector"))
    if isinstance(own, str):
        return without_version(own)
    return docs.value(PROTECTOR, server.uid, customer_key)


def encrypted(body: Body) -> bool:
    """The database is encrypted where it rests."""
    return is_on(properties(body)["state"])


def customer_key(body: Body) -> str | None:
    """The key in the customer's vault; None with the provider's own.  Raises ValueError for any other kind."""
    said = properties(body)
    kind = str(said["serverKeyType"]).lower()
    if kind == "servicemanaged":
        return None
    if kind != "azurekeyvault":
        raise ValueError(f"a key of type {kind}")
    return without_version(said["uri"])


def minimum_tls(body: Body) -> str | None:
    """The lowest version accepted; left out, or `None` in so many letters, any will do."""
    said = properties(body).get("minimalTlsVersion")
    return None if said is None or said.lower() == "none" else tls_version(said)


def audited(body: Body) -> set[str]:
    """Groups of actions that are written down; none while auditing is off."""
    said = properties(body)
    return set(said["auditActionsAndGroups"]) if is_on(said["state"]) else set()


def audit_receivers(body: Body) -> tuple[str, ...]:
    """The storage account and the log service that the record goes to."""
    said = properties(body)
    if not is_on(said["state"]):
        return ()
    storage = (str(said["storageEndpoint"]).lower(),) if said.get("storageEndpoint") else ()
    return (*storage, MONITOR) if said.get("isAzureMonitorTargetEnabled") else storage


def takes_passwords(body: Body) -> bool:
    """The server has users of its own.  Only an administrator of the directory can forbid it."""
    admin = properties(body).get("administrators") or {}
    return admin.get("azureADOnlyAuthentication") is not True


def longest_retention(body: Body) -> int:
    """Days after which the last long-term copy is deleted; 0 when there are none."""
    said = properties(body)
    return max(days(said[name]) for name in ("weeklyRetention", "monthlyRetention", "yearlyRetention"))


COLLECTOR = Collector(
    id="azure.sql_servers",
    title="SQL servers and databases",
    scope="global",
    kinds=(
        SERVER,
        PROTECTOR,
        AUDITING,
        ALERTS,
        FIREWALL,
        FIREWALL_SIX,
        DATABASE,
        ENCRYPTION,
        SHORT_TERM,
        LONG_TERM,
    ),
    emits={
        DataEndpoint: SERVER,
        DatabaseAudit: SERVER,
        DatabaseGuard: SERVER,
        DatabaseSignIn: SERVER,
        Database: DATABASE,
        DatabaseArchive: DATABASE,
    },
    source=f"Azure SQL resource provider {VERSION}",
    fetch=fetch,
    shape=shape,
    extra_permissions=(ADMINISTRATORS,),
)
