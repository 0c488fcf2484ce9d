"""Spanner databases: key, deletion protection, backup schedules, how far back they can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Then
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.stores import Database
from collectors.gcp.kinds import rest
from collectors.gcp.names import SECONDS_OF_A_DAY, days, full_name, last, place_of
from collectors.gcp.session import Reader

INSTANCE = rest(
    "gcp.spanner.instance",
    "spanner",
    "projects.instances.list",
    "/v1/projects/{project}/instances?pageSize=1000",
    permission="spanner.instances.list",
    items="instances",
    omits_empty=True,
)
DATABASE = rest(
    "gcp.spanner.database",
    "spanner",
    "projects.instances.databases.list",
    "/v1/{instance:path}/databases?pageSize=1000",
    permission="spanner.databases.list",
    items="databases",
    omits_empty=True,
    within=INSTANCE,
    volatile=("earliestVersionTime",),
)
SCHEDULES = rest(
    "gcp.spanner.backup_schedules",
    "spanner",
    "projects.instances.databases.backupSchedules.list",
    "/v1/{database:path}/backupSchedules?pageSize=1000",
    permission="spanner.backupSchedules.list",
    items="backupSchedules",
    omits_empty=True,
    volatile=("backupSchedules.updateTime",),
)
LEAST_DAYS = 1
"""Every database can be read as it was an hour ago.  That is no backup, so a whole day counts as one."""
HOUR = "1h"
"""How long versions are kept when nothing is said: REST resource databases, `versionRetentionPeriod`."""
PERIOD = re.compile(r"([0-9]+)([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": SECONDS_OF_A_DAY}


def fetch(gcp: Reader) -> Iterator[Document | Then]:
    """Every instance, its databases and their schedules."""
    for instance in gcp.listing(INSTANCE):
        uid = full_name("spanner", instance["name"])
        yield gcp.document(INSTANCE, uid, instance)
        yield Then(databases, (uid, instance["name"]), f"{uid}/{DATABASE.operation}")


def databases(gcp: Reader, uid: str, name: str) -> Iterator[Document | Then]:
    """The databases of one instance."""
    for database in gcp.listing(DATABASE, within=uid, instance=name):
        child = full_name("spanner", database["name"])
        yield gcp.document(DATABASE, child, database)
        yield Then(schedules, (child, database["name"]), f"{child}/{SCHEDULES.operation}")


def schedules(gcp: Reader, uid: str, name: str) -> Iterator[Document]:
    """The backup schedules of one database."""
    yield from gcp.gather(SCHEDULES, uid, database=name)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per database."""
    for database in docs.of(DATABASE):
        uid, name = database.uid, str(database.body["name"])
        yield Database(
            resource=docs.resource("database", uid, last(name), _place(docs, uid)),
            documents=docs.about(uid),
            engine="spanner",
            clustered=False,
            encrypted_at_rest=True,  # Google encrypts whatever it stores
            customer_key=docs.field(DATABASE, database, key_of),
            public=False,  # it is reached through Google's API and has no address of its own
            backup_days=docs.value(SCHEDULES, uid, kept_days),
            point_in_time=docs.field(DATABASE, database, lambda body: versions_days(body) >= LEAST_DAYS),
            deletion_protected=docs.field(
                DATABASE, database, lambda body: bool(body.get("enableDropProtection", False))
            ),
            multi_zone=True,  # https://cloud.google.com/spanner/docs/instance-configurations: three zones at least
            exported_logs=None,  # its audit log is the project's
            copies_tags_to_snapshots=None,
        )


def _place(docs: Documents, uid: str) -> str:
    """The place of the instance: `regional-europe-west1`, or the name of a set of regions."""
    instance = docs.get(INSTANCE, uid.rpartition("/databases/")[0])
    config = str(instance.body.get("config", "")) if isinstance(instance, Document) else ""
    return last(config).removeprefix("regional-") or place_of(uid)


def versions_days(body: Body) -> float:
    """Days for which versions are kept, as the statement that set it wrote them: `7d`, `36h`.  Raises ValueError."""
    text = str(body.get("versionRetentionPeriod") or HOUR)
    found = PERIOD.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no period")
    return int(found[1]) * SECONDS[found[2]] / SECONDS_OF_A_DAY


def key_of(body: Body) -> str | None:
    """The customer's key, or the first where each region has one; None for Google's own."""
    said = body.get("encryptionConfig") or {}
    return said.get("kmsKeyName") or next(iter(said.get("kmsKeyNames") or ()), None)


def kept_days(body: Body) -> int:
    """Days for which the schedule that keeps longest keeps a backup; 0 without a schedule."""
    return max((days(each["retentionDuration"]) for each in body["backupSchedules"]), default=0)


COLLECTOR = Collector(
    id="gcp.spanner_databases",
    title="Spanner databases",
    scope="global",
    kinds=(INSTANCE, DATABASE, SCHEDULES),
    emits={Database: DATABASE},
    source="Cloud Spanner API v1",
    fetch=fetch,
    shape=shape,
)
