"""detection.failed_work_watched"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.detection.failed_work_watched import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.availability import MetricAlarm
from collectors.facts.core import Fact
from collectors.facts.detection import ChangeAlert
from collectors.facts.processing import UnattendedWork

DEPTH = "aws/sqs/approximatenumberofmessagesvisible"
QUEUE = fact(UnattendedWork, "orders", what="queue", measures=(f"{DEPTH} QueueName=orders-failed",), events=())
JOB = fact(UnattendedWork, "nightly", what="data job", measures=(), events=("failed:data_job nightly",))


def alarm(name: str = "alarm", *, region: str = "us-east-1", **values: Any) -> MetricAlarm:
    """An alarm on the queue of failed orders that is on and tells somebody, unless said otherwise."""
    given = {"enabled": True, "measures": (DEPTH,), "watches": (f"{DEPTH} QueueName=orders-failed",), "receivers": 1}
    return fact(MetricAlarm, name, region=region, **(given | values))


def alert(name: str = "alert", *, region: str = "us-east-1", **values: Any) -> ChangeAlert:
    """A rule of one region about all jobs that fails over to nobody else, unless said otherwise."""
    given = {"enabled": True, "events": ("failed:data_job *",), "whole_account": False, "receivers": 1}
    return fact(ChangeAlert, name, region=region, **(given | values))


@pytest.mark.parametrize(
    ("work", "others", "expected"),
    [
        (QUEUE, [alarm()], Outcome.PASS),
        (QUEUE, [alarm(watches=(f"{DEPTH} *",))], Outcome.PASS),
        (QUEUE, [], Outcome.FAIL),
        (QUEUE, [alarm(enabled=False)], Outcome.FAIL),
        (QUEUE, [alarm(receivers=0)], Outcome.FAIL),
        (QUEUE, [alarm(region="eu-west-1")], Outcome.FAIL),
        (QUEUE, [alarm(region="global")], Outcome.PASS),
        (QUEUE, [alarm(watches=(f"{DEPTH} QueueName=orders",))], Outcome.FAIL),
        (QUEUE, [alarm(watches=DENIED)], Outcome.UNKNOWN),
        (QUEUE, [alarm(watches=DENIED, receivers=0)], Outcome.FAIL),
        (QUEUE, [alarm("a", receivers=DENIED), alarm("b")], Outcome.PASS),
        (QUEUE, [alert()], Outcome.FAIL),
        (JOB, [alert()], Outcome.PASS),
        (JOB, [alert(events=("failed:data_job nightly",))], Outcome.PASS),
        (JOB, [alert(events=("failed:data_job weekly",))], Outcome.FAIL),
        (JOB, [alert(region="eu-west-1")], Outcome.FAIL),
        (JOB, [alert(region="eu-west-1", whole_account=True)], Outcome.PASS),
        (JOB, [alert(region="eu-west-1", whole_account=DENIED)], Outcome.UNKNOWN),
        (JOB, [alarm()], Outcome.FAIL),
    ],
)
def test_something_that_is_on_tells_somebody(work: UnattendedWork, others: list[Fact], expected: Outcome) -> None:
    """About this very queue or job, in its region."""
    assert outcome(CHECK, work, *others) is expected


def test_the_verdict_rests_on_the_alarm_too() -> None:
    """An auditor sees which one it is."""
    (finding,) = judged(CHECK, QUEUE, alarm("left lying"))

    assert finding.reason == "left lying is on and tells somebody"
    assert set(finding.documents) == {*QUEUE.documents, *alarm("left lying").documents}


@pytest.mark.parametrize(("work", "type_"), [(QUEUE, MetricAlarm), (JOB, ChangeAlert)])
def test_what_was_not_listed_may_be_the_one(work: UnattendedWork, type_: type[Fact]) -> None:
    """A list that was cut off leaves it open, but only for work of which such a one could tell."""
    cut = {(type_, "us-east-1"): DENIED}
    (finding,) = judged(CHECK, work, unlisted=cut)

    assert finding.outcome is Outcome.UNKNOWN
    assert "svc:ReadIt" in finding.reason
    (other,) = judged(CHECK, JOB if work is QUEUE else QUEUE, unlisted=cut)
    assert other.outcome is Outcome.FAIL


def test_work_on_the_list_needs_no_watch() -> None:
    """The company says which may fail unseen."""
    assert outcome(CHECK, JOB, exceptions=("night*",)) is Outcome.NOT_APPLICABLE
    assert outcome(CHECK, JOB, exceptions=("week*",)) is Outcome.FAIL


def test_work_of_which_nothing_was_read_is_unknown() -> None:
    """A denied read is never a verdict, once there is something that could tell of it."""
    (finding,) = judged(CHECK, fact(UnattendedWork, what="queue"), alarm())

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
