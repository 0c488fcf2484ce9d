"""Task definitions of ECS, and whether their containers log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.service_logs import WorkLog

FAMILY = Kind("aws.ecs.family", "ecs", "ListTaskDefinitionFamilies", items="families")
DEFINITION = Kind("aws.ecs.task_definition", "ecs", "DescribeTaskDefinition")


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every family, and its newest revision, which starts unless somebody names an older one."""
    for family in aws.listing(FAMILY, status="ACTIVE"):
        uid = aws.arn("ecs", f"task-definition/{family}")
        yield aws.document(FAMILY, uid, {"family": family})
        yield Then(definition, (uid, family), f"{uid}/{DEFINITION.operation}")


def definition(aws: Reader, uid: str, family: str) -> Iterator[Document]:
    """One definition; of its containers only names and log drivers are kept, since the rest often holds secrets."""
    for found in aws.read(DEFINITION, uid, taskDefinition=family):
        containers = (found.body.get("taskDefinition") or {}).get("containerDefinitions")
        kept = None if containers is None else [_kept(each) for each in containers]
        yield replace(found, body={} if kept is None else {"containers": kept})


def _kept(container: Body) -> dict[str, str]:
    return {
        "name": str(container.get("name", "")),
        "logDriver": str((container.get("logConfiguration") or {}).get("logDriver", "")),
    }


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per family."""
    for family in docs.of(FAMILY):
        drivers = docs.value(DEFINITION, family.uid, drivers_of)
        yield WorkLog(
            resource=docs.resource("task_definition", family.uid, str(family.body["family"]), family.region),
            documents=docs.about(family.uid),
            what="task definition",
            kinds=drivers if isinstance(drivers, Unread) else tuple(drivers),
            kept=drivers if isinstance(drivers, Unread) else tuple(name for name, driver in drivers.items() if driver),
        )


def drivers_of(body: Body) -> dict[str, str]:
    """Log driver of each container, empty without one.  Raises ValueError where there is no container at all."""
    found = {f"container {each['name']}": str(each["logDriver"]) for each in body["containers"]}
    if not found:
        raise ValueError("a task definition without a container")
    return found


COLLECTOR = Collector(
    id="aws.ecs_task_definitions",
    title="Task definitions and the logs of their containers",
    scope="region",
    kinds=(FAMILY, DEFINITION),
    emits={WorkLog: FAMILY},
    source="Amazon ECS API 2014-11-13",
    fetch=fetch,
    shape=shape,
)
