"""aws.datasync_tasks"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.datasync_tasks import COLLECTOR, TASK, kept_logs
from collectors.facts.core import Reason, Unread
from collectors.facts.service_logs import WorkLog
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

LOG = "arn:aws:logs:us-east-1:123456789012:log-group:records"


def make_task(client: Client, name: str, **settings: Any) -> str:
    """A task; the value is its ARN."""
    sync = client("datasync")
    role = {"BucketAccessRoleArn": "arn:aws:iam::123456789012:role/role"}
    source, target = (
        sync.create_location_s3(S3BucketArn=f"arn:aws:s3:::{bucket}", S3Config=role)["LocationArn"]
        for bucket in ("from", "to")
    )
    made = sync.create_task(SourceLocationArn=source, DestinationLocationArn=target, Name=name, **settings)
    return str(made["TaskArn"])


def test_a_region_without_any_costs_one_call(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(WorkLog) == []
    assert reading.documents.complete(TASK, "us-east-1") is None
    assert reading.operations() == {"datasync:ListTasks"}


def test_tasks_say_whether_transfers_are_logged(read: Read, client: Client) -> None:
    """A log group alone will do, unless the level lets nothing through."""
    arn = make_task(client, "told", CloudWatchLogGroupArn=LOG)
    make_task(client, "bare")

    told, bare = (read(COLLECTOR).fact(WorkLog, name) for name in ("told", "bare"))

    assert (told.resource.uid, told.what) == (arn, "transfer task")
    assert (told.kinds, told.kept) == (("transfers",), ("transfers",))
    assert bare.kept == ()


def test_a_silent_level_and_an_answer_about_no_task() -> None:
    """A group that gets nothing is no log, and a task has its ARN."""
    body = {"TaskArn": "arn:t", "CloudWatchLogGroupArn": LOG}

    assert kept_logs({**body, "Options": {"LogLevel": "BASIC"}}) == ("transfers",)
    assert kept_logs({**body, "Options": {"LogLevel": "OFF"}}) == ()
    with pytest.raises(KeyError):
        kept_logs({})


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_lost_detail_costs_its_own_resource_alone(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """It is there, and what it logs is not known."""
    make_task(client, "told", CloudWatchLogGroupArn=LOG)
    getattr(faults, fault).add("datasync:DescribeTask")

    log = read(COLLECTOR).fact(WorkLog, "told")

    assert isinstance(log.kept, Unread)
    assert log.kept.permission == "datasync:DescribeTask"


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """None read is not none there."""
    make_task(client, "told")
    faults.deny.add("datasync:ListTasks")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(TASK, "us-east-1")

    assert reading.facts(WorkLog) == []
    assert unread is not None
    assert (unread.reason, unread.operation, unread.permission) == (
        Reason.PERMISSION_DENIED,
        "datasync:ListTasks",
        "datasync:ListTasks",
    )
