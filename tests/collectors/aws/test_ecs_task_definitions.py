"""aws.ecs_task_definitions"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.ecs_task_definitions import COLLECTOR, FAMILY
from collectors.facts.core import Reason, Unread
from collectors.facts.service_logs import WorkLog
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]


def container(name: str, driver: str = "") -> dict[str, Any]:
    """A container that is handed a secret, with a log driver if one is given."""
    logs = {"logConfiguration": {"logDriver": driver, "options": {"splunk-token": "made-up"}}} if driver else {}
    return {
        "name": name, "image": "image", "memory": 64, "environment": [{"name": "TOKEN", "value": "made-up"}], **logs
    }  # fmt: skip


def define(client: Client, family: str, *containers: dict[str, Any]) -> None:
    """A new revision of a family."""
    client("ecs").register_task_definition(family=family, containerDefinitions=list(containers))


def test_a_region_without_any_costs_one_call(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(WorkLog) == []
    assert reading.documents.complete(FAMILY, "us-east-1") is None
    assert reading.operations() == {"ecs:ListTaskDefinitionFamilies"}


def test_families_say_which_containers_log(read: Read, client: Client) -> None:
    """The newest revision counts, and nothing is kept of what containers are handed."""
    define(client, "web", container("app"))
    define(client, "web", container("app", "awslogs"), container("side", "splunk"))
    define(client, "half", container("app", "awslogs"), container("side"))

    reading = read(COLLECTOR)
    web, half = reading.fact(WorkLog, "web"), reading.fact(WorkLog, "half")

    assert web.resource.uid == "arn:aws:ecs:us-east-1:123456789012:task-definition/web"
    assert (web.what, web.kinds) == ("task definition", ("container app", "container side"))
    assert web.kept == web.kinds
    assert (half.kinds, half.kept) == (("container app", "container side"), ("container app",))
    assert "made-up" not in str([document.body for document in reading.page.documents])


@pytest.mark.parametrize("answer", [{}, {"taskDefinition": {}}, {"taskDefinition": {"containerDefinitions": []}}])
def test_a_definition_without_containers_is_malformed(
    read: Read, client: Client, faults: Faults, answer: dict[str, Any]
) -> None:
    """Nothing to log is not everything logged."""
    define(client, "web", container("app", "awslogs"))
    faults.answers["ecs:DescribeTaskDefinition"] = answer

    log = read(COLLECTOR).fact(WorkLog, "web")

    assert isinstance(log.kinds, Unread)
    assert isinstance(log.kept, Unread)


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_lost_detail_costs_its_own_resource_alone(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """It is there, and what it logs is not known."""
    define(client, "web", container("app", "awslogs"))
    getattr(faults, fault).add("ecs:DescribeTaskDefinition")

    log = read(COLLECTOR).fact(WorkLog, "web")

    assert isinstance(log.kept, Unread)
    assert log.kept.permission == "ecs:DescribeTaskDefinition"


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """None read is not none there."""
    define(client, "web", container("app"))
    faults.deny.add("ecs:ListTaskDefinitionFamilies")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(FAMILY, "us-east-1")

    assert reading.facts(WorkLog) == []
    assert unread is not None
    assert (unread.reason, unread.operation, unread.permission) == (
        Reason.PERMISSION_DENIED,
        "ecs:ListTaskDefinitionFamilies",
        "ecs:ListTaskDefinitionFamilies",
    )
