"""Workgroups of Athena, whether anybody queries in them, and whether they publish how that goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.service_logs import WorkLog

GROUP = Kind("aws.athena.workgroup", "athena", "ListWorkGroups", items="WorkGroups")
CONFIG = Kind("aws.athena.workgroup_configuration", "athena", "GetWorkGroup")
# Queries come and go, and Athena forgets each one after 45 days.
QUERIES = Kind("aws.athena.queries", "athena", "ListQueryExecutions", volatile=("*",))
METRICS = "queries"
ENABLED = "ENABLED"


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every workgroup, and of those that are enabled the configuration and the newest query."""
    for group in aws.listing(GROUP):
        uid = aws.arn("athena", f"workgroup/{group['Name']}")
        yield aws.document(GROUP, uid, group)
        if group["State"] == ENABLED:
            yield Then(config, (uid, group["Name"]), f"{uid}/{CONFIG.operation}")
            yield Then(queries, (uid, group["Name"]), f"{uid}/{QUERIES.operation}")


def config(aws: Reader, uid: str, name: str) -> Iterator[Document]:
    """The configuration of one workgroup."""
    yield from aws.read(CONFIG, uid, WorkGroup=name)


def queries(aws: Reader, uid: str, name: str) -> Iterator[Document]:
    """Whether there is any query; which one is nobody's business."""
    for found in aws.read(QUERIES, uid, WorkGroup=name, MaxResults=1):
        known = "QueryExecutionIds" in found.body
        yield replace(found, body={"Count": len(found.body["QueryExecutionIds"])} if known else {})


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per workgroup."""
    for group in docs.of(GROUP):
        enabled = docs.field(GROUP, group, lambda body: bool(body["State"] == ENABLED))
        yield WorkLog(
            resource=docs.resource("workgroup", group.uid, str(group.body["Name"]), group.region),
            documents=docs.about(group.uid),
            what="workgroup",
            kinds=_kinds(docs, group.uid, enabled),
            kept=docs.value(CONFIG, group.uid, kept_logs) if enabled is True else (),
        )


def _kinds(docs: Documents, uid: str, enabled: bool | Unread) -> tuple[str, ...] | Unread:
    """Queries, where there were some in the last 45 days; nobody can query in a workgroup that is disabled."""
    if enabled is not True:
        return enabled or ()
    return docs.value(QUERIES, uid, lambda body: (METRICS,) if int(body["Count"]) else ())


def kept_logs(body: Body) -> tuple[str, ...]:
    """Queries, where their metrics are published."""
    return (METRICS,) if body["WorkGroup"]["Configuration"]["PublishCloudWatchMetricsEnabled"] else ()


COLLECTOR = Collector(
    id="aws.athena_workgroups",
    title="Workgroups of Athena and their metrics",
    scope="region",
    kinds=(GROUP, CONFIG, QUERIES),
    emits={WorkLog: GROUP},
    source="Amazon Athena API 2017-05-18",
    fetch=fetch,
    shape=shape,
)
