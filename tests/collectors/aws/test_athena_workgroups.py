"""aws.athena_workgroups"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.athena_workgroups import COLLECTOR, GROUP
from collectors.facts.core import Reason, Unread
from collectors.facts.service_logs import WorkLog
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]


def make_group(client: Client, name: str, *, published: bool, used: bool = True) -> None:
    """A workgroup, in which somebody queried if it is used."""
    athena = client("athena")
    athena.create_work_group(Name=name, Configuration={"PublishCloudWatchMetricsEnabled": published})
    if used:
        athena.start_query_execution(
            QueryString="select 1", WorkGroup=name, ResultConfiguration={"OutputLocation": "s3://results"}
        )


def test_workgroups_say_whether_queries_are_published(read: Read, client: Client) -> None:
    """One in which nobody queries has nothing to publish."""
    make_group(client, "told", published=True)
    make_group(client, "silent", published=False)
    make_group(client, "idle", published=False, used=False)

    reading = read(COLLECTOR)
    told, silent, idle = (reading.fact(WorkLog, name) for name in ("told", "silent", "idle"))

    assert told.resource.uid == "arn:aws:athena:us-east-1:123456789012:workgroup/told"
    assert (told.what, told.kinds, told.kept) == ("workgroup", ("queries",), ("queries",))
    assert (silent.kinds, silent.kept) == (("queries",), ())
    assert idle.kinds == ()
    assert reading.fact(WorkLog, "primary").kinds == ()
    assert reading.documents.complete(GROUP, "us-east-1") is None


def test_all_workgroups_are_read_and_not_only_the_first_page(read: Read, faults: Faults) -> None:
    """The SDK does not page this listing; one that is disabled is asked for nothing more."""
    group = {"Name": "old", "State": "DISABLED"}
    faults.answers["athena:ListWorkGroups"] = {"WorkGroups": [group], "NextToken": "same"}

    reading = read(COLLECTOR)

    assert faults.calls["athena:ListWorkGroups"] == 2
    assert reading.fact(WorkLog, "old").kinds == ()
    assert reading.operations() == {"athena:ListWorkGroups"}


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_lost_detail_costs_what_rests_on_it(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """Without the queries it is not known whether there is something to publish."""
    make_group(client, "told", published=True)
    getattr(faults, fault).update({"athena:GetWorkGroup", "athena:ListQueryExecutions"})

    log = read(COLLECTOR).fact(WorkLog, "told")

    assert isinstance(log.kinds, Unread)
    assert isinstance(log.kept, Unread)
    assert (log.kinds.permission, log.kept.permission) == ("athena:ListQueryExecutions", "athena:GetWorkGroup")


def test_an_answer_without_queries_is_malformed(read: Read, client: Client, faults: Faults) -> None:
    """What is missing is not an empty list."""
    make_group(client, "told", published=True)
    faults.answers["athena:ListQueryExecutions"] = {}

    assert isinstance(read(COLLECTOR).fact(WorkLog, "told").kinds, Unread)


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """None read is not none there."""
    make_group(client, "told", published=True)
    faults.deny.add("athena:ListWorkGroups")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(GROUP, "us-east-1")

    assert reading.facts(WorkLog) == []
    assert unread is not None
    assert (unread.reason, unread.operation, unread.permission) == (
        Reason.PERMISSION_DENIED,
        "athena:ListWorkGroups",
        "athena:ListWorkGroups",
    )
