"""BigQuery datasets and tables: who is let in, with which key they are encrypted, how far back they can be read."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Then
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.data_access import Sharing
from collectors.facts.stores import Database
from collectors.gcp.kinds import rest
from collectors.gcp.names import full_name
from collectors.gcp.session import Reader

LISTED = rest(
    "gcp.bigquery.dataset_listed",
    "bigquery",
    "datasets.list",
    "/bigquery/v2/projects/{project}/datasets?maxResults=1000",
    permission="bigquery.datasets.get",
    items="datasets",
    omits_empty=True,
)
DATASET = rest(
    "gcp.bigquery.dataset",
    "bigquery",
    "datasets.get",
    "/bigquery/v2/projects/{project}/datasets/{dataset}",
    permission="bigquery.datasets.get",
    volatile=("etag", "lastModifiedTime"),
)
TABLE_LISTED = rest(
    "gcp.bigquery.table_listed",
    "bigquery",
    "tables.list",
    "/bigquery/v2/projects/{project}/datasets/{dataset}/tables?maxResults=1000",
    permission="bigquery.tables.list",
    items="tables",
    omits_empty=True,
    within=LISTED,
    volatile=("creationTime",),
)
TABLE = rest(
    "gcp.bigquery.table",
    "bigquery",
    "tables.get",
    # Columns and counts are left out: they are not settings, and names of columns tell about content.
    "/bigquery/v2/projects/{project}/datasets/{dataset}/tables/{table}"
    "?fields=tableReference,type,location,encryptionConfiguration",
    permission="bigquery.tables.get",
)
HOLDING = frozenset({"TABLE", "SNAPSHOT", "CLONE", "MATERIALIZED_VIEW"})
"""Types of tables that hold data in BigQuery itself; views have none, and external tables have theirs elsewhere."""
EVERYBODY = frozenset({"allUsers", "allAuthenticatedUsers"})
TIME_TRAVEL_HOURS = 168
"""How far back tables can be read when nothing is said: REST resource datasets, `maxTimeTravelHours`."""
HOURS_OF_A_DAY = 24


def fetch(gcp: Reader) -> Iterator[Document | Then]:
    """Every dataset that is not hidden, its settings, and its tables."""
    for dataset in gcp.listing(LISTED):
        name = dataset["datasetReference"]["datasetId"]
        uid = uid_of(gcp.account, name)
        yield gcp.document(LISTED, uid, dataset)
        yield Then(settings, (uid, name), f"{uid}/{DATASET.operation}")
        yield Then(tables, (uid, name), f"{uid}/{TABLE_LISTED.operation}")


def settings(gcp: Reader, uid: str, name: str) -> Iterator[Document]:
    """One dataset."""
    yield from gcp.read(DATASET, uid, dataset=name)


def tables(gcp: Reader, uid: str, name: str) -> Iterator[Document | Then]:
    """The tables of one dataset."""
    for table in gcp.listing(TABLE_LISTED, within=uid, dataset=name):
        of = table["tableReference"]["tableId"]
        child = f"{uid}/tables/{of}"
        yield gcp.document(TABLE_LISTED, child, table)
        if table["type"] in HOLDING:
            yield Then(encryption, (child, name, of), f"{child}/{TABLE.operation}")


def encryption(gcp: Reader, uid: str, dataset: str, table: str) -> Iterator[Document]:
    """One table."""
    yield from gcp.read(TABLE, uid, dataset=dataset, table=table)


def uid_of(project: str, dataset: str) -> str:
    """The full name of a dataset."""
    return full_name("bigquery", f"projects/{project}/datasets/{dataset}")


def shape(docs: Documents) -> Iterator[Fact]:
    """Each dataset as a database and by whom it is shared with, and each table as a member of its dataset."""
    for listed in docs.of(LISTED):
        uid, body = listed.uid, listed.body
        resource = docs.resource("database", uid, body["datasetReference"]["datasetId"], place_of(body))
        kept = docs.value(DATASET, uid, kept_days)
        yield Database(
            resource=resource,
            documents=docs.about(uid),
            engine="bigquery",
            clustered=False,
            encrypted_at_rest=True,  # Google encrypts whatever it stores
            customer_key=docs.value(DATASET, uid, default_key),
            public=False,  # it is reached through Google's API and has no address of its own
            backup_days=kept,  # every state of the last days is kept, and nobody can turn that off
            point_in_time=True,
            deletion_protected=None,
            multi_zone=True,  # https://cloud.google.com/bigquery/docs/reliability-intro: two zones of each region
            exported_logs=None,  # its audit log is the project's
            copies_tags_to_snapshots=None,
        )
        yield Sharing(
            resource=resource,
            documents=docs.about(uid),
            what="dataset",
            everybody=docs.value(DATASET, uid, opens_to_everybody),
        )
    for table in docs.of(TABLE_LISTED):
        if docs.field(TABLE_LISTED, table, lambda said: said["type"] in HOLDING) is not False:
            yield _table(docs, table)


def _table(docs: Documents, table: Document) -> Database:
    uid, name = table.uid, table.body["tableReference"]
    dataset = docs.get(LISTED, uid.rpartition("/tables/")[0])
    place = place_of(dataset.body) if isinstance(dataset, Document) else "global"
    return Database(
        resource=docs.resource("database", uid, f"{name['datasetId']}.{name['tableId']}", place),
        documents=docs.about(uid),
        engine="bigquery table",
        clustered=True,  # its dataset says how long its states are kept
        encrypted_at_rest=True,
        customer_key=docs.value(TABLE, uid, lambda said: (said.get("encryptionConfiguration") or {}).get("kmsKeyName")),
        public=False,
        backup_days=0,
        point_in_time=True,
        deletion_protected=None,
        multi_zone=True,
        exported_logs=None,
        copies_tags_to_snapshots=None,
    )


def place_of(body: Body) -> str:
    """Where a dataset lies: a region, or `us` or `eu` for several."""
    return str(body["location"]).lower()


def default_key(body: Body) -> str | None:
    """The key that new tables get; None for Google's own."""
    return (body.get("defaultEncryptionConfiguration") or {}).get("kmsKeyName")


def kept_days(body: Body) -> int:
    """Whole days for which earlier states can be read."""
    return int(body.get("maxTimeTravelHours") or TIME_TRAVEL_HOURS) // HOURS_OF_A_DAY


def opens_to_everybody(body: Body) -> bool:
    """Some entry lets in everybody, or everybody with a Google account, by its old word or by its new one."""
    named = {str(entry.get(key)) for entry in body["access"] for key in ("iamMember", "specialGroup")}
    return bool(EVERYBODY & named)


COLLECTOR = Collector(
    id="gcp.bigquery_datasets",
    title="BigQuery datasets and tables",
    scope="global",
    kinds=(LISTED, DATASET, TABLE_LISTED, TABLE),
    emits={Database: TABLE_LISTED, Sharing: LISTED},
    source="BigQuery API v2",
    fetch=fetch,
    shape=shape,
)
