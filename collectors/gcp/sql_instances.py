"""Cloud SQL instances: network, TLS, log flags, sign-in, backups."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TypeVar

from collectors.api import Body, Collector, Document, Then
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Reason, Unread
from collectors.facts.data_access import DatabaseAudit, DatabaseSignIn, DataEndpoint, StatementLog
from collectors.facts.stores import Database, DatabaseSnapshot
from collectors.gcp import sql_flags
from collectors.gcp.kinds import rest
from collectors.gcp.names import full_name
from collectors.gcp.session import Reader
from collectors.gcp.sql_flags import MYSQL, POSTGRES, SQLSERVER, Unsaid, engine

T = TypeVar("T")

INSTANCE = rest(
    "gcp.sql.instance",
    "sqladmin",
    "instances.list",
    "/v1/projects/{project}/instances?maxResults=500",
    permission="cloudsql.instances.list",
    items="items",
    omits_empty=True,
    volatile=(
        "etag",
        "currentDiskSize",
        "settings.settingsVersion",
        "availableMaintenanceVersions",
        "upgradableDatabaseVersions",
    ),
)
BACKUP = rest(
    "gcp.sql.backup",
    "sqladmin",
    "backupRuns.list",
    "/v1/projects/{project}/instances/{instance}/backupRuns?maxResults=500",
    permission="cloudsql.backupRuns.list",
    items="items",
    omits_empty=True,
    within=INSTANCE,
)
SERVICES = {POSTGRES: "PostgreSQL server", MYSQL: "MySQL server", SQLSERVER: "SQL server"}
LOGS = {POSTGRES: ("postgres.log",), MYSQL: ("mysql.err",), SQLSERVER: ("sqlserver.err",)}
"""What every instance sends to Cloud Logging, which nobody can turn off: Cloud SQL, view instance logs."""
CENTRAL = ("Cloud Logging",)
DEFAULT_BACKUPS = 7
"""Backups that are kept when nothing is said, one a day: REST resource instances, `retainedBackups`."""
ENCRYPTED = frozenset({"ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"})
NO_MODE = frozenset({"", "SSL_MODE_UNSPECIFIED"})


def fetch(gcp: Reader) -> Iterator[Document | Then]:
    """Every instance and its backups."""
    for instance in gcp.listing(INSTANCE):
        uid = uid_of(instance)
        yield gcp.document(INSTANCE, uid, instance)
        if "masterInstanceName" not in instance:  # a replica has no backups
            yield Then(backups, (uid, instance["name"]), f"{uid}/{BACKUP.operation}")


def backups(gcp: Reader, uid: str, name: str) -> Iterator[Document]:
    """The backups of one instance."""
    for run in gcp.listing(BACKUP, within=uid, instance=name):
        yield gcp.document(BACKUP, f"{uid}/backupRuns/{run['id']}", run)


def uid_of(body: Body) -> str:
    """The full name of an instance."""
    return full_name("cloudsql", f"projects/{body['project']}/instances/{body['name']}")


def shape(docs: Documents) -> Iterator[Fact]:
    """Each instance as a database, as an address, by what it writes down and by who signs in; and each backup."""
    for instance in docs.of(INSTANCE):
        yield _database(docs, instance)
        yield _endpoint(docs, instance)
        yield from _records(docs, instance)
    for run in docs.of(BACKUP):
        name = f"{run.body['instance']}/{run.body['id']}"
        yield DatabaseSnapshot(
            resource=docs.resource("database_snapshot", run.uid, name, str(run.body.get("location") or "global")),
            documents=docs.about(run.uid),
            encrypted_at_rest=True,  # Google encrypts whatever it stores
            created=docs.field(BACKUP, run, lambda body: when(body["endTime"]) if body.get("endTime") else None),
        )


def _engine(docs: Documents, instance: Document) -> str:
    found = docs.field(INSTANCE, instance, engine)
    return found if isinstance(found, str) else "unknown"


def _database(docs: Documents, instance: Document) -> Database:
    uid, body = instance.uid, instance.body
    field = partial(docs.field, INSTANCE, instance)
    what = _engine(docs, instance)
    return Database(
        resource=docs.resource("database", uid, body["name"], str(body["region"])),
        documents=docs.about(uid),
        engine=what,
        clustered="masterInstanceName" in body,  # a replica is backed up with its primary
        encrypted_at_rest=True,  # Google encrypts whatever it stores
        customer_key=field(lambda said: (said.get("diskEncryptionConfiguration") or {}).get("kmsKeyName")),
        public=field(has_public_address),
        backup_days=field(backup_days),
        point_in_time=field(point_in_time),
        deletion_protected=field(lambda said: bool(said["settings"].get("deletionProtectionEnabled", False))),
        multi_zone=field(lambda said: said["settings"]["availabilityType"] == "REGIONAL"),
        exported_logs=LOGS.get(what, ()) or field(lambda said: LOGS[engine(said)]),
        copies_tags_to_snapshots=None,
    )


def _endpoint(docs: Documents, instance: Document) -> DataEndpoint:
    field = partial(docs.field, INSTANCE, instance)
    return DataEndpoint(
        resource=docs.resource("database", instance.uid, instance.body["name"], str(instance.body["region"])),
        documents=docs.about(instance.uid),
        service=SERVICES.get(_engine(docs, instance), "database server"),
        requires_tls=field(requires_tls),
        minimum_tls=_unless_silent(field(sql_flags.oldest_tls), "no setting tells which versions of TLS it takes"),
        open_ranges=field(open_ranges),
        admits_provider=False,  # Google has no such rule: what runs there needs an authorized network like all others
        private_endpoints=field(private_addresses),
    )


def _records(docs: Documents, instance: Document) -> Iterator[Fact]:
    field = partial(docs.field, INSTANCE, instance)
    resource = docs.resource("database", instance.uid, instance.body["name"], str(instance.body["region"]))
    documents, what = docs.about(instance.uid), _engine(docs, instance)
    yield DatabaseAudit(
        resource=resource,
        documents=documents,
        engine=what,
        connections=_unless_silent(field(sql_flags.logs_connections), "audit rules lie in the server itself"),
        server_events=field(sql_flags.events),
        sent_to=CENTRAL,
        keeps=False,  # how long records are kept is a setting of the log bucket
        kept_days=None,
        longest_days=None,
    )
    yield DatabaseSignIn(
        resource=resource,
        documents=documents,
        engine=what,
        directory=field(sql_flags.takes_identities),
        passwords=True,  # an instance always takes users of its own
    )
    if what == POSTGRES:
        yield StatementLog(
            resource=resource,
            documents=documents,
            statements=field(lambda body: sql_flags.word(body, "log_statement")),
            messages_from=field(lambda body: sql_flags.word(body, "log_min_messages")),
            failed_from=field(lambda body: sql_flags.word(body, "log_min_error_statement")),
            verbosity=field(lambda body: sql_flags.word(body, "log_error_verbosity")),
            slow_milliseconds=field(lambda body: int(sql_flags.word(body, "log_min_duration_statement"))),
        )


def _unless_silent(value: T | Unsaid | Unread, why: str) -> T | Unread:
    """`value`, or unread with `why` where the API says nothing about it."""
    if isinstance(value, Unsaid):
        return Unread(Reason.SERVICE_UNSUPPORTED, INSTANCE.call, INSTANCE.needs, why)
    return value


def has_public_address(body: Body) -> bool:
    """It has an address on the internet."""
    return bool(body["settings"]["ipConfiguration"]["ipv4Enabled"])


def open_ranges(body: Body) -> tuple[str, ...]:
    """Authorized networks, where it has a public address.

    Beside them Google's own connectors let in whoever proves an identity with the right to connect.
    """
    if not has_public_address(body):
        return ()
    return sql_flags.networks(
        each["value"] for each in body["settings"]["ipConfiguration"].get("authorizedNetworks", ())
    )


def private_addresses(body: Body) -> int:
    """Private ways in: an address in a network of the company, and Private Service Connect."""
    said = body["settings"]["ipConfiguration"]
    return bool(said.get("privateNetwork")) + bool((said.get("pscConfig") or {}).get("pscEnabled", False))


def requires_tls(body: Body) -> bool:
    """Connections without TLS are refused, by the newer word or by the older one that stands where it is missing."""
    said = body["settings"]["ipConfiguration"]
    mode = str(said.get("sslMode") or "")
    return bool(said.get("requireSsl", False)) if mode in NO_MODE else mode in ENCRYPTED


def backup_days(body: Body) -> int:
    """Days for which automatic backups are kept, one being made a day; 0 when they are off."""
    said = body["settings"].get("backupConfiguration") or {}
    if not said.get("enabled", False):
        return 0
    return int((said.get("backupRetentionSettings") or {}).get("retainedBackups") or DEFAULT_BACKUPS)


def point_in_time(body: Body) -> bool:
    """The log of changes is kept beside the backups; MySQL calls that its binary log."""
    said = body["settings"].get("backupConfiguration") or {}
    which = "binaryLogEnabled" if engine(body) == MYSQL else "pointInTimeRecoveryEnabled"
    return bool(said.get("enabled", False)) and bool(said.get(which, False))


COLLECTOR = Collector(
    id="gcp.sql_instances",
    title="Cloud SQL instances",
    scope="global",
    kinds=(INSTANCE, BACKUP),
    emits={
        Database: INSTANCE,
        DatabaseSnapshot: BACKUP,
        DataEndpoint: INSTANCE,
        DatabaseAudit: INSTANCE,
        DatabaseSignIn: INSTANCE,
        StatementLog: INSTANCE,
    },
    source="Cloud SQL Admin API v1",
    fetch=fetch,
    shape=shape,
)
