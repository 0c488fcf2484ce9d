"""RDS clusters: Aurora, Multi-AZ DB clusters, and those of Neptune and DocumentDB, which answer here too."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.rds_instances import encrypted, exported_logs, name_in, named_key, retention
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.stores import Database

CLUSTER = Kind(
    "aws.rds.cluster",
    "rds",
    "DescribeDBClusters",
    items="DBClusters",
    volatile=(
        "BacktrackConsumedChangeRecords",
        "EarliestBacktrackTime",
        "EarliestRestorableTime",
        "LatestRestorableTime",
        "PercentProgress",
        "Status",  # "backing-up" once a day
        "StatusInfos",
    ),
)


def fetch(aws: Reader) -> Iterator[Document]:
    """Every cluster of the region."""
    for cluster in aws.listing(CLUSTER):
        yield aws.document(CLUSTER, cluster["DBClusterArn"], cluster)


def shape(docs: Documents) -> Iterator[Fact]:
    """One database per cluster; its members are databases of their own."""
    for cluster in docs.of(CLUSTER):
        yield _database(docs, cluster)


def _database(docs: Documents, cluster: Document) -> Database:
    def flag(key: str) -> bool | Unread:
        return docs.field(CLUSTER, cluster, lambda body: bool(body[key]))

    return Database(
        resource=docs.resource("database", cluster.uid, name_in(cluster.uid), cluster.region),
        documents=docs.about(cluster.uid),
        engine=str(cluster.body.get("Engine", "unknown")),
        clustered=False,
        encrypted_at_rest=docs.field(CLUSTER, cluster, encrypted),
        customer_key=docs.field(CLUSTER, cluster, named_key),
        # AWS says it of Multi-AZ DB clusters only.  Elsewhere the members have the addresses, and say so.
        public=docs.field(CLUSTER, cluster, lambda body: bool(body.get("PubliclyAccessible", False))),
        backup_days=docs.field(CLUSTER, cluster, retention),
        point_in_time=docs.field(CLUSTER, cluster, lambda body: retention(body) > 0),
        deletion_protected=flag("DeletionProtection"),
        multi_zone=flag("MultiAZ"),
        exported_logs=docs.field(CLUSTER, cluster, exported_logs),
        copies_tags_to_snapshots=docs.field(CLUSTER, cluster, copies_tags),
    )


def copies_tags(body: Body) -> bool | None:
    """Snapshots get the cluster's tags; DocumentDB has no such setting."""
    return None if body["Engine"] == "docdb" else bool(body["CopyTagsToSnapshot"])


COLLECTOR = Collector(
    id="aws.rds_clusters",
    title="RDS, Neptune and DocumentDB clusters",
    scope="region",
    kinds=(CLUSTER,),
    emits={Database: CLUSTER},
    source="Amazon RDS API 2014-10-31",
    fetch=fetch,
    shape=shape,
)
