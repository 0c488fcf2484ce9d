"""Tasks of DataSync, and whether they log transfers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.service_logs import WorkLog

TASK = Kind("aws.datasync.task", "datasync", "ListTasks", items="Tasks", volatile=("Status",))
SETTINGS = Kind("aws.datasync.task_settings", "datasync", "DescribeTask")
KEPT = ("TaskArn", "Name", "CloudWatchLogGroupArn", "Options")
"""What is judged; the rest tells how the last transfer went."""

TRANSFERS = "transfers"
OFF = "OFF"


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every task and its settings."""
    for task in aws.listing(TASK):
        uid = task["TaskArn"]
        yield aws.document(TASK, uid, task)
        yield Then(settings, (uid,), f"{uid}/{SETTINGS.operation}")


def settings(aws: Reader, uid: str) -> Iterator[Document]:
    """The settings of one task."""
    for found in aws.read(SETTINGS, uid, TaskArn=uid):
        yield replace(found, body={key: found.body[key] for key in KEPT if key in found.body})


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per task."""
    for task in docs.of(TASK):
        name = str(task.body.get("Name") or task.uid.rpartition("/")[2])
        yield WorkLog(
            resource=docs.resource("transfer_task", task.uid, name, task.region),
            documents=docs.about(task.uid),
            what="transfer task",
            kinds=(TRANSFERS,),
            kept=docs.value(SETTINGS, task.uid, kept_logs),
        )


def kept_logs(body: Body) -> tuple[str, ...]:
    """Transfers, where they go to a log group and the level lets something through.

    AWS leaves the group out of a task that has none; an answer without an ARN is none.
    """
    if "TaskArn" not in body:
        raise KeyError("TaskArn")
    silent = (body.get("Options") or {}).get("LogLevel") == OFF
    return (TRANSFERS,) if body.get("CloudWatchLogGroupArn") and not silent else ()


COLLECTOR = Collector(
    id="aws.datasync_tasks",
    title="DataSync tasks and their logs",
    scope="region",
    kinds=(TASK, SETTINGS),
    emits={WorkLog: TASK},
    source="AWS DataSync API 2018-11-09",
    fetch=fetch,
    shape=shape,
)
