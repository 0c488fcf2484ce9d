"""Firestore databases: key, deletion protection, backup schedules, point-in-time recovery."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Then
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.stores import Database
from collectors.gcp.kinds import rest
from collectors.gcp.names import days, full_name, last
from collectors.gcp.session import Reader

DATABASE = rest(
    "gcp.firestore.database",
    "firestore",
    "projects.databases.list",
    "/v1/projects/{project}/databases",
    permission="datastore.databases.list",
    items="databases",
    omits_empty=True,
    volatile=("etag", "earliestVersionTime"),
)
SCHEDULES = rest(
    "gcp.firestore.backup_schedules",
    "firestore",
    "projects.databases.backupSchedules.list",
    "/v1/{database:path}/backupSchedules",
    permission="datastore.backupSchedules.list",
    items="backupSchedules",
    omits_empty=True,
    volatile=("backupSchedules.updateTime",),
)


def fetch(gcp: Reader) -> Iterator[Document | Then]:
    """Every database of the project and its schedules."""
    for database in gcp.listing(DATABASE):
        uid = full_name("firestore", database["name"])
        yield gcp.document(DATABASE, uid, database)
        yield Then(schedules, (uid, database["name"]), f"{uid}/{SCHEDULES.operation}")


def schedules(gcp: Reader, uid: str, name: str) -> Iterator[Document]:
    """The backup schedules of one database."""
    yield from gcp.gather(SCHEDULES, uid, database=name)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per database."""
    for database in docs.of(DATABASE):
        uid, body = database.uid, database.body
        yield Database(
            resource=docs.resource("database", uid, last(str(body["name"])), str(body["locationId"])),
            documents=docs.about(uid),
            engine="firestore",
            clustered=False,
            encrypted_at_rest=True,  # Google encrypts whatever it stores
            customer_key=docs.field(DATABASE, database, lambda said: (said.get("cmekConfig") or {}).get("kmsKeyName")),
            public=False,  # it is reached through Google's API and has no address of its own
            backup_days=docs.value(SCHEDULES, uid, kept_days),
            point_in_time=docs.field(
                DATABASE,
                database,
                lambda said: said["pointInTimeRecoveryEnablement"] == "POINT_IN_TIME_RECOVERY_ENABLED",
            ),
            deletion_protected=docs.field(
                DATABASE, database, lambda said: said["deleteProtectionState"] == "DELETE_PROTECTION_ENABLED"
            ),
            multi_zone=True,  # https://cloud.google.com/firestore/docs/locations: several zones of each region
            exported_logs=None,  # its audit log is the project's
            copies_tags_to_snapshots=None,
        )


def kept_days(body: Body) -> int:
    """Days for which the schedule that keeps longest keeps a backup; 0 without a schedule."""
    return max((days(each["retention"]) for each in body["backupSchedules"]), default=0)


COLLECTOR = Collector(
    id="gcp.firestore_databases",
    title="Firestore databases",
    scope="global",
    kinds=(DATABASE, SCHEDULES),
    emits={Database: DATABASE},
    source="Cloud Firestore API v1",
    fetch=fetch,
    shape=shape,
)
