"""Replication tasks of the Database Migration Service, and whether they log both of their sides."""

from __future__ import annotations

import json
from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.service_logs import WorkLog

TASK = Kind("aws.dms.task", "dms", "DescribeReplicationTasks", items="ReplicationTasks")
KEPT = ("ReplicationTaskArn", "ReplicationTaskIdentifier", "MigrationType", "ReplicationTaskSettings")
"""What is judged; the rest tells how far the task has come."""

SIDES = {
    "reads from the source": ("SOURCE_CAPTURE", "SOURCE_UNLOAD"),
    "writes to the target": ("TARGET_APPLY", "TARGET_LOAD"),
}
"""Components of a task whose logs tell of each side."""
ENOUGH = frozenset({"LOGGER_SEVERITY_DEFAULT", "LOGGER_SEVERITY_DEBUG", "LOGGER_SEVERITY_DETAILED_DEBUG"})
"""Severities from which on a log tells what went on, and not only what failed."""


def fetch(aws: Reader) -> Iterator[Document]:
    """Every task of the region."""
    for task in aws.listing(TASK):
        yield aws.document(TASK, task["ReplicationTaskArn"], {key: task[key] for key in KEPT if key in task})


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per task."""
    for task in docs.of(TASK):
        name = str(task.body["ReplicationTaskIdentifier"])
        yield WorkLog(
            resource=docs.resource("replication_task", task.uid, name, task.region),
            documents=docs.about(task.uid),
            what="replication task",
            kinds=tuple(SIDES),
            kept=docs.field(TASK, task, kept_logs),
        )


def kept_logs(task: Body) -> tuple[str, ...]:
    """The sides whose components all log; settings are JSON in the answer.  What is left out does not log."""
    said = json.loads(task["ReplicationTaskSettings"]).get("Logging") or {}
    if not said.get("EnableLogging", False):
        return ()
    telling = {each["Id"] for each in said.get("LogComponents") or () if each["Severity"] in ENOUGH}
    return tuple(side for side, components in SIDES.items() if telling.issuperset(components))


COLLECTOR = Collector(
    id="aws.dms_tasks",
    title="Replication tasks and their logs",
    scope="region",
    kinds=(TASK,),
    emits={WorkLog: TASK},
    source="AWS Database Migration Service API 2016-01-01",
    fetch=fetch,
    shape=shape,
)
