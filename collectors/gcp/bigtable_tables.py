"""Bigtable tables: the keys of their clusters, deletion protection, automatic backups."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Then
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.stores import Database
from collectors.gcp.kinds import rest
from collectors.gcp.names import days, full_name, last
from collectors.gcp.session import Reader

INSTANCE = rest(
    "gcp.bigtable.instance",
    "bigtableadmin",
    "projects.instances.list",
    "/v2/projects/{project}/instances",
    permission="bigtable.instances.list",
    items="instances",
    omits_empty=True,
)
CLUSTERS = rest(
    "gcp.bigtable.clusters",
    "bigtableadmin",
    "projects.instances.clusters.list",
    "/v2/{instance:path}/clusters",
    permission="bigtable.clusters.list",
    items="clusters",
    omits_empty=True,
    volatile=("clusters.serveNodes",),
)
LISTED = rest(
    "gcp.bigtable.table_listed",
    "bigtableadmin",
    "projects.instances.tables.list",
    "/v2/{instance:path}/tables?view=NAME_ONLY&pageSize=1000",
    permission="bigtable.tables.list",
    items="tables",
    omits_empty=True,
    within=INSTANCE,
)
TABLE = rest(
    "gcp.bigtable.table",
    "bigtableadmin",
    "projects.instances.tables.get",
    # Families of columns are left out: they are no setting that a check needs.
    "/v2/{table:path}?view=FULL&fields=name,deletionProtection,automatedBackupPolicy",
    permission="bigtable.tables.get",
)


def fetch(gcp: Reader) -> Iterator[Document | Then]:
    """Every instance, its clusters and its tables."""
    for instance in gcp.listing(INSTANCE):
        uid = uid_of(instance["name"])
        yield gcp.document(INSTANCE, uid, instance)
        yield Then(clusters, (uid, instance["name"]), f"{uid}/{CLUSTERS.operation}")
        yield Then(tables, (uid, instance["name"]), f"{uid}/{LISTED.operation}")


def uid_of(name: str) -> str:
    """The full name of an instance or a table."""
    return full_name("bigtable", name)


def clusters(gcp: Reader, uid: str, name: str) -> Iterator[Document]:
    """The clusters of one instance."""
    yield from gcp.gather(CLUSTERS, uid, instance=name)


def tables(gcp: Reader, uid: str, name: str) -> Iterator[Document | Then]:
    """The tables of one instance."""
    for table in gcp.listing(LISTED, within=uid, instance=name):
        child = uid_of(table["name"])
        yield gcp.document(LISTED, child, table)
        yield Then(settings, (child, table["name"]), f"{child}/{TABLE.operation}")


def settings(gcp: Reader, uid: str, name: str) -> Iterator[Document]:
    """One table."""
    yield from gcp.read(TABLE, uid, table=name)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per table; key and zones are those of the clusters of its instance."""
    for table in docs.of(LISTED):
        uid = table.uid
        instance = uid.rpartition("/tables/")[0]
        holders = docs.get(CLUSTERS, instance)
        yield Database(
            resource=docs.resource("database", uid, f"{last(instance)}/{last(uid)}", "global"),
            documents=docs.about(uid, *([holders] if isinstance(holders, Document) else ())),
            engine="bigtable",
            clustered=False,
            encrypted_at_rest=True,  # Google encrypts whatever it stores
            customer_key=docs.value(CLUSTERS, instance, key_of),
            public=False,  # it is reached through Google's API and has no address of its own
            backup_days=docs.value(TABLE, uid, backup_days),
            point_in_time=False,  # Bigtable restores whole backups and nothing between them
            deletion_protected=docs.value(TABLE, uid, lambda body: bool(body.get("deletionProtection", False))),
            multi_zone=docs.value(
                CLUSTERS, instance, lambda body: len({each["location"] for each in body["clusters"]}) > 1
            ),
            exported_logs=None,  # its audit log is the project's
            copies_tags_to_snapshots=None,
        )


def key_of(body: Body) -> str | None:
    """The customer's key, when every cluster has one; None when some cluster uses Google's own."""
    keys = [(each.get("encryptionConfig") or {}).get("kmsKeyName") for each in body["clusters"]]
    return keys[0] if keys and all(keys) else None


def backup_days(body: Body) -> int:
    """Days for which automatic backups are kept; 0 when there are none."""
    policy = body.get("automatedBackupPolicy")
    return days(policy["retentionPeriod"]) if policy else 0


COLLECTOR = Collector(
    id="gcp.bigtable_tables",
    title="Bigtable tables",
    scope="global",
    kinds=(INSTANCE, CLUSTERS, LISTED, TABLE),
    emits={Database: LISTED},
    source="Cloud Bigtable Admin API v2",
    fetch=fetch,
    shape=shape,
)
