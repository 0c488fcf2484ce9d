"""Log Analytics workspaces: how long they keep what, and under whose key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from collectors.api import Body, Collector, Document, Then
from collectors.azure.kinds import arm, of_resource, of_subscription
from collectors.azure.resources import name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.monitoring import LogStore

WORKSPACES = "Microsoft.OperationalInsights/workspaces"
CLUSTERS = "Microsoft.OperationalInsights/clusters"
VERSION = "2022-10-01"

WORKSPACE = of_subscription("azure.log_analytics.workspace", WORKSPACES, VERSION)
TABLES = of_resource("azure.log_analytics.tables", f"{WORKSPACES}/tables", VERSION, below="tables", items="value")
CLUSTER = arm("azure.log_analytics.cluster", CLUSTERS, "{id:path}", VERSION)
UNLIMITED = -1
"""Days of retention of workspaces of an old kind that keep everything."""


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every workspace, its tables, and the cluster that holds it, if it has one of the company's own."""
    seen = set()
    for workspace in azure.listing(WORKSPACE):
        uid = uid_of(workspace)
        yield azure.document(WORKSPACE, uid, workspace)
        yield Then(tables, (uid,), f"{uid}/{TABLES.operation}")
        cluster = cluster_of(workspace) if "properties" in workspace else None
        if cluster and cluster not in seen:
            seen.add(cluster)
            yield Then(one_cluster, (cluster,), cluster)


def tables(azure: Reader, uid: str) -> Iterator[Document]:
    """All tables of a workspace, without their columns: those are megabytes, and set nothing that is judged."""
    for document in azure.gather(TABLES, uid, id=uid):
        found = [_without_columns(table) for table in document.body["value"]]
        yield replace(document, body={"value": found})


def _without_columns(table: Body) -> Body:
    said = {name: value for name, value in table.get("properties", {}).items() if name != "schema"}
    return {**table, **({"properties": said} if "properties" in table else {})}


def one_cluster(azure: Reader, uid: str) -> Iterator[Document]:
    """The cluster that holds some workspaces."""
    yield from azure.read(CLUSTER, uid, id=uid)


def cluster_of(workspace: Body) -> str | None:
    """The id of the dedicated cluster that a workspace is linked to; None for one in Azure's shared ones."""
    features = properties(workspace).get("features") or {}
    found = features.get("clusterResourceId")
    return str(found).lower() if found else None


def shape(docs: Documents) -> Iterator[Fact]:
    """One log store per workspace."""
    for workspace in docs.of(WORKSPACE):
        uid = workspace.uid
        cluster = docs.field(WORKSPACE, workspace, cluster_of)
        key = docs.value(CLUSTER, cluster, customer_key) if isinstance(cluster, str) else cluster
        yield LogStore(
            resource=docs.resource("log_store", uid, name_of(workspace.body), place_of(workspace.body)),
            documents=docs.about(uid, *(each for each in docs.of(CLUSTER) if each.uid == cluster)),
            retention_days=_retention(docs, workspace),
            customer_key=key,
            # Rules that alert on log lines are resources of their own here, and no check asks for patterns.
            metric_filters=(),
        )


def _retention(docs: Documents, workspace: Document) -> int | None | Unread:
    """The shortest time over the workspace's default and all of its tables, archive included."""
    default = docs.field(WORKSPACE, workspace, lambda body: int(properties(body)["retentionInDays"]))
    if isinstance(default, Unread):
        return default
    return docs.value(
        TABLES, workspace.uid, lambda body: shortest([total_days(each) for each in body["value"]], default)
    )


def shortest(days: list[int], default: int) -> int | None:
    """The least of these, or the default where there are none; None when nothing is ever deleted."""
    limits = [each for each in days or [default] if each != UNLIMITED]
    return min(limits, default=None)


def total_days(table: Body) -> int:
    """Days that a table keeps a row in all: while it is searched at once and, after that, in the archive."""
    return int(properties(table)["totalRetentionInDays"])


def customer_key(cluster: Body) -> str | None:
    """The address of the key in the company's vault; None for Microsoft's own."""
    said = properties(cluster).get("keyVaultProperties") or {}
    if not said.get("keyVaultUri"):
        return None
    return f"{said['keyVaultUri'].rstrip('/')}/keys/{said['keyName']}".lower()


COLLECTOR = Collector(
    id="azure.log_workspaces",
    title="Log Analytics workspaces",
    scope="global",
    kinds=(WORKSPACE, TABLES, CLUSTER),
    emits={LogStore: WORKSPACE},
    source=f"Azure Log Analytics resource provider {VERSION}",
    fetch=fetch,
    shape=shape,
)
