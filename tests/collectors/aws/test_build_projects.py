"""aws.build_projects"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.build_projects import COLLECTOR, PROJECT, kept_logs
from collectors.facts.core import Reason, Unread
from collectors.facts.service_logs import WorkLog
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

OFF, ON = {"status": "DISABLED"}, {"status": "ENABLED"}


def make_project(client: Client, name: str) -> None:
    """A project, whose builds are handed a secret."""
    environment = {
        "type": "LINUX_CONTAINER",
        "image": "aws/codebuild/standard:7.0",
        "computeType": "BUILD_GENERAL1_SMALL",
        "environmentVariables": [{"name": "TOKEN", "value": "made-up"}],
    }
    client("codebuild").create_project(
        name=name,
        source={"type": "S3", "location": "bucket/path"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment=environment,
        serviceRole="arn:aws:iam::123456789012:role/service-role/role",
    )


def test_a_region_without_any_costs_one_call(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(WorkLog) == []
    assert reading.documents.complete(PROJECT, "us-east-1") is None
    assert reading.operations() == {"codebuild:ListProjects"}


def test_projects_say_whether_builds_are_logged(read: Read, client: Client) -> None:
    """They are unless somebody says otherwise, and what is handed to them is not kept."""
    make_project(client, "site")

    reading = read(COLLECTOR)
    log = reading.fact(WorkLog, "site")

    assert log.resource.uid == "arn:aws:codebuild:us-east-1:123456789012:project/site"
    assert (log.what, log.kinds, log.kept) == ("build project", ("builds",), ("builds",))
    assert "made-up" not in str([document.body for document in reading.page.documents])


@pytest.mark.parametrize(
    ("config", "kept"),
    [
        ({"cloudWatchLogs": ON, "s3Logs": OFF}, ("builds",)),
        ({"cloudWatchLogs": OFF, "s3Logs": ON}, ("builds",)),
        ({"s3Logs": OFF}, ("builds",)),
        ({"cloudWatchLogs": OFF}, ()),
        ({"cloudWatchLogs": OFF, "s3Logs": OFF}, ()),
    ],
)
def test_one_destination_will_do(config: dict[str, Any], kept: tuple[str, ...]) -> None:
    """CloudWatch is on by default, and S3 is not."""
    assert kept_logs({"name": "site", "logsConfig": config}) == kept


def test_a_project_that_is_not_in_the_answer_is_unread(read: Read, client: Client, faults: Faults) -> None:
    """It was deleted meanwhile, or the answer is cut."""
    make_project(client, "site")
    faults.answers["codebuild:BatchGetProjects"] = {"projects": [], "projectsNotFound": ["site"]}

    assert isinstance(read(COLLECTOR).fact(WorkLog, "site").kept, Unread)


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_lost_detail_costs_its_own_resource_alone(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """It is there, and what it logs is not known."""
    make_project(client, "site")
    getattr(faults, fault).add("codebuild:BatchGetProjects")

    log = read(COLLECTOR).fact(WorkLog, "site")

    assert isinstance(log.kept, Unread)
    assert log.kept.permission == "codebuild:BatchGetProjects"


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """None read is not none there."""
    make_project(client, "site")
    faults.deny.add("codebuild:ListProjects")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(PROJECT, "us-east-1")

    assert reading.facts(WorkLog) == []
    assert unread is not None
    assert (unread.reason, unread.operation, unread.permission) == (
        Reason.PERMISSION_DENIED,
        "codebuild:ListProjects",
        "codebuild:ListProjects",
    )
