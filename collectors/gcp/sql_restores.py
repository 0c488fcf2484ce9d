"""Restores of Cloud SQL: which backups were brought back, and whether that worked."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.documents import Documents, when
from collectors.facts.core import Fact
from collectors.facts.recovery import RestoreJob
from collectors.gcp.kinds import rest
from collectors.gcp.names import full_name
from collectors.gcp.session import Reader

OPERATION = rest(
    "gcp.sql.operation",
    "sqladmin",
    "operations.list",
    "/v1/projects/{project}/operations?maxResults=500",
    permission="cloudsql.instances.get",
    items="items",
    omits_empty=True,
)
RESTORE = "RESTORE_VOLUME"
"""The type of an operation that puts a backup back into an instance.  A clone, by which a moment in time is brought
back, looks the same whether that was its purpose or not, so it is left out."""
DONE = "DONE"
UNDER_WAY = ("PENDING", "RUNNING")
_KEPT = ("endTime", "error", "insertTime", "name", "operationType", "status", "targetId", "targetProject")
"""What is kept of an operation: the rest names who asked for it."""


def fetch(gcp: Reader) -> Iterator[Document]:
    """Of all operations that Google still lists, those that restore."""
    for operation in gcp.listing(OPERATION):
        if operation["operationType"] == RESTORE:
            kept = {key: value for key, value in operation.items() if key in _KEPT}
            name = f"projects/{gcp.known['project']}/operations/{operation['name']}"
            yield gcp.document(OPERATION, full_name("cloudsql", name), kept)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per restore."""
    for operation in docs.of(OPERATION):
        name = str(operation.body["name"])
        yield RestoreJob(
            resource=docs.resource("restore_job", operation.uid, name, "global"),
            documents=docs.about(operation.uid),
            of=str(operation.body.get("targetId", name)),
            ended=docs.field(OPERATION, operation, lambda body: when(body["endTime"]) if is_done(body) else None),
            # Google leaves the error out of an operation that went well: REST resource operations.
            succeeded=docs.field(OPERATION, operation, lambda body: is_done(body) and not body.get("error")),
        )


def is_done(body: Body) -> bool:
    """It ended, one way or the other.  Raises ValueError for a word that Google has not."""
    status = str(body["status"])
    if status not in {DONE, *UNDER_WAY}:
        raise ValueError(f"an operation is {status}")
    return status == DONE


COLLECTOR = Collector(
    id="gcp.sql_restores",
    title="Restores of Cloud SQL",
    scope="global",
    kinds=(OPERATION,),
    emits={RestoreJob: OPERATION},
    source="Cloud SQL Admin API v1",
    fetch=fetch,
    shape=shape,
)
