"""aws.inspector_flaws"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.inspector_flaws import COLLECTOR, FLAW
from collectors.facts.core import Reason, Unread
from collectors.facts.detection import DatedFlaws
from collectors.testing import Reading

Read = Callable[..., Reading]

LIST = "inspector2:POST /findings/list"
IMAGES = "arn:aws:ecr:us-east-1:123456789012:repository/team/web"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:resize"
DAY = 86_400


def flaw(type_: str, thing: str, severity: str, day: int) -> dict[str, Any]:
    """A flaw first seen on a day of 1970."""
    return {
        "severity": severity,
        "firstObservedAt": day * DAY,
        "resources": [{"type": f"AWS_{type_}", "id": thing}],
    }


def on(day: int) -> datetime:
    """That day."""
    return datetime.fromtimestamp(day * DAY, UTC)


def test_nothing_open_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed; and one call asks for no more than is judged."""
    reading = read(COLLECTOR)

    assert reading.facts(DatedFlaws) == []
    assert reading.documents.complete(FLAW, "us-east-1") is None
    (call,) = reading.page.calls
    asked = {name: [each["value"] for each in some] for name, some in call.parameters["filterCriteria"].items()}
    assert asked["awsAccountId"] == ["123456789012"]
    assert asked["findingStatus"] == ["ACTIVE"]
    assert asked["severity"] == ["CRITICAL", "HIGH", "MEDIUM"]


def test_the_oldest_flaw_of_each_severity_counts(read: Read, faults: Faults) -> None:
    """Per machine, per repository whatever the image, and per function."""
    faults.answers[LIST] = {
        "findings": [
            flaw("EC2_INSTANCE", "i-1", "HIGH", 5),
            flaw("EC2_INSTANCE", "i-1", "HIGH", 3),
            flaw("EC2_INSTANCE", "i-1", "CRITICAL", 9),
            flaw("ECR_CONTAINER_IMAGE", f"{IMAGES}/sha256:aa", "MEDIUM", 4),
            flaw("ECR_CONTAINER_IMAGE", f"{IMAGES}/sha256:bb", "MEDIUM", 2),
            flaw("LAMBDA_FUNCTION", f"{FUNCTION}:$LATEST", "HIGH", 7),
        ]
    }

    facts = {fact.resource.name: fact for fact in read(COLLECTOR).facts(DatedFlaws)}

    assert {name: (each.critical_since, each.high_since, each.medium_since) for name, each in facts.items()} == {
        "i-1": (on(9), on(3), None),
        "team/web": (None, None, on(2)),
        "resize": (None, on(7), None),
    }
    assert {(each.resource.type, each.resource.uid) for each in facts.values()} == {
        ("machine", "arn:aws:ec2:us-east-1:123456789012:instance/i-1"),
        ("registry", IMAGES),
        ("web_app", FUNCTION),
    }


@pytest.mark.parametrize(("fault", "reason"), [("deny", Reason.PERMISSION_DENIED), ("garble", Reason.PARTIAL_LISTING)])
def test_a_failed_listing_leaves_the_population_unknown(read: Read, faults: Faults, fault: str, reason: Reason) -> None:
    """None read is not none there."""
    getattr(faults, fault).add(LIST)

    reading = read(COLLECTOR)
    unread = reading.documents.complete(FLAW, "us-east-1")

    assert reading.facts(DatedFlaws) == []
    assert unread is not None
    assert (unread.reason, unread.operation, unread.permission) == (
        reason,
        "inspector2:ListFindings",
        "inspector2:ListFindings",
    )


def test_a_flaw_without_its_date_leaves_the_population_unknown(read: Read, faults: Faults) -> None:
    """It may be the oldest one."""
    faults.answers[LIST] = {"findings": [{"severity": "HIGH", "resources": []}]}

    reading = read(COLLECTOR)

    assert reading.facts(DatedFlaws) == []
    assert reading.documents.complete(FLAW, "us-east-1") is not None


def test_a_list_that_was_cut_off_may_have_held_an_older_one(read: Read, faults: Faults) -> None:
    """What was read of a machine tells only that it has flaws."""
    faults.answers[LIST] = {"findings": [flaw("EC2_INSTANCE", "i-1", "HIGH", 5)], "nextToken": "again"}

    thing = read(COLLECTOR).fact(DatedFlaws, "i-1")

    for since in (thing.critical_since, thing.high_since, thing.medium_since):
        assert isinstance(since, Unread)
        assert since.reason is Reason.PARTIAL_LISTING
