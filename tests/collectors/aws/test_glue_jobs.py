"""aws.glue_jobs"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.glue_jobs import COLLECTOR, JOB
from collectors.facts.core import Reason, Unread
from collectors.facts.processing import UnattendedWork
from collectors.facts.service_logs import WorkLog
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

LIVE = {"--enable-continuous-cloudwatch-log": "true"}


def make_job(client: Client, name: str, command: str = "glueetl", **settings: Any) -> None:
    """A job, whose program is handed a secret."""
    arguments = {"--token": "made-up", **settings.pop("DefaultArguments", {})}
    client("glue").create_job(
        Name=name,
        Role="arn:aws:iam::123456789012:role/role",
        Command={"Name": command},
        DefaultArguments=arguments,
        **settings,
    )


def test_a_region_without_any_costs_one_call(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(WorkLog) == []
    assert reading.documents.complete(JOB, "us-east-1") is None
    assert reading.operations() == {"glue:GetJobs"}


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ({"DefaultArguments": LIVE}, ("runs",)),
        ({"DefaultArguments": {"--enable-continuous-cloudwatch-log": "false"}}, ()),
        ({}, ()),
        ({"GlueVersion": "4.0"}, ()),
        ({"GlueVersion": "5.0"}, ("runs",)),
        ({"command": "pythonshell"}, ("runs",)),
    ],
)
def test_jobs_say_whether_they_log_while_they_run(
    read: Read, client: Client, settings: dict[str, Any], kept: tuple[str, ...]
) -> None:
    """Newer versions always do, and what is handed to the program is not kept."""
    make_job(client, "etl", **settings)

    reading = read(COLLECTOR)
    log = reading.fact(WorkLog, "etl")

    assert log.resource.uid == "arn:aws:glue:us-east-1:123456789012:job/etl"
    assert (log.what, log.kinds, log.kept) == ("data job", ("runs",), kept)
    assert "made-up" not in str([document.body for document in reading.page.documents])


def test_a_job_without_its_command_is_malformed(read: Read, faults: Faults) -> None:
    """What is missing proves nothing."""
    faults.answers["glue:GetJobs"] = {"Jobs": [{"Name": "etl"}]}

    assert isinstance(read(COLLECTOR).fact(WorkLog, "etl").kept, Unread)


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """None read is not none there."""
    make_job(client, "etl")
    faults.deny.add("glue:GetJobs")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(JOB, "us-east-1")

    assert reading.facts(WorkLog) == []
    assert unread is not None
    assert (unread.reason, unread.operation, unread.permission) == (
        Reason.PERMISSION_DENIED,
        "glue:GetJobs",
        "glue:GetJobs",
    )


def test_a_run_that_fails_is_an_event(read: Read, client: Client) -> None:
    """Nothing is to be set so that it is reported, and a history of runs is kept."""
    make_job(client, "Nightly")

    work = read(COLLECTOR).fact(UnattendedWork, "Nightly")

    assert (work.failures_kept, work.takes_failures) == (None, False)
    assert (work.measures, work.events) == ((), ("failed:data_job nightly",))
