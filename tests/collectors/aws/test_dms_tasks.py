"""aws.dms_tasks"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.dms_tasks import COLLECTOR, TASK
from collectors.facts.core import Reason, Unread
from collectors.facts.service_logs import WorkLog
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

ALL = ("SOURCE_CAPTURE", "SOURCE_UNLOAD", "TARGET_APPLY", "TARGET_LOAD")


def make_task(client: Client, settings: str) -> None:
    """A task with these settings."""
    part = "arn:aws:dms:us-east-1:123456789012"
    client("dms").create_replication_task(
        ReplicationTaskIdentifier="move",
        SourceEndpointArn=f"{part}:endpoint:s",
        TargetEndpointArn=f"{part}:endpoint:t",
        ReplicationInstanceArn=f"{part}:rep:r",
        MigrationType="cdc",
        TableMappings="{}",
        ReplicationTaskSettings=settings,
    )


def logging(severity: str, *components: str, enabled: bool = True) -> str:
    """Settings in which these components log from a severity on."""
    found = [{"Id": component, "Severity": severity} for component in components]
    return json.dumps({"Logging": {"EnableLogging": enabled, "LogComponents": found}})


def test_a_region_without_any_costs_one_call(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(WorkLog) == []
    assert reading.documents.complete(TASK, "us-east-1") is None
    assert reading.operations() == {"dms:DescribeReplicationTasks"}


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        (logging("LOGGER_SEVERITY_DEFAULT", *ALL), ("reads from the source", "writes to the target")),
        (logging("LOGGER_SEVERITY_DETAILED_DEBUG", *ALL[:2]), ("reads from the source",)),
        (logging("LOGGER_SEVERITY_DEBUG", *ALL[1:]), ("writes to the target",)),
        (logging("LOGGER_SEVERITY_ERROR", *ALL), ()),
        (logging("LOGGER_SEVERITY_DEFAULT", *ALL, enabled=False), ()),
        ("{}", ()),
    ],
)
def test_tasks_say_which_sides_they_log(read: Read, client: Client, settings: str, kept: tuple[str, ...]) -> None:
    """A side takes all of its components, at the usual severity or below."""
    make_task(client, settings)

    log = read(COLLECTOR).fact(WorkLog, "move")

    assert log.resource.uid == "arn:aws:dms:us-east-1:123456789012:task:move"
    assert (log.what, log.kinds) == ("replication task", ("reads from the source", "writes to the target"))
    assert log.kept == kept


@pytest.mark.parametrize("more", [{}, {"ReplicationTaskSettings": "half a sen"}])
def test_settings_that_cannot_be_read_are_malformed(read: Read, faults: Faults, more: dict[str, str]) -> None:
    """What is missing proves nothing."""
    task = {"ReplicationTaskArn": "arn:aws:dms:us-east-1:123456789012:task:m", "ReplicationTaskIdentifier": "m"}
    faults.answers["dms:DescribeReplicationTasks"] = {"ReplicationTasks": [{**task, **more}]}

    assert isinstance(read(COLLECTOR).fact(WorkLog, "m").kept, Unread)


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """None read is not none there."""
    make_task(client, "{}")
    faults.deny.add("dms:DescribeReplicationTasks")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(TASK, "us-east-1")

    assert reading.facts(WorkLog) == []
    assert unread is not None
    assert (unread.reason, unread.operation, unread.permission) == (
        Reason.PERMISSION_DENIED,
        "dms:DescribeReplicationTasks",
        "dms:DescribeReplicationTasks",
    )
