"""aws.state_machines"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.state_machines import COLLECTOR, MACHINE, kept_logs
from collectors.facts.core import Reason, Unread
from collectors.facts.processing import UnattendedWork
from collectors.facts.service_logs import WorkLog
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

LOG = "arn:aws:logs:us-east-1:123456789012:log-group:records:*"
PROGRAM = '{"Comment": "made-up", "StartAt": "a", "States": {"a": {"Type": "Pass", "End": true}}}'


def make_machine(client: Client, name: str, level: str = "") -> None:
    """A state machine, with a log if a level is given."""
    destination = {"cloudWatchLogsLogGroup": {"logGroupArn": LOG}}
    logs = {"loggingConfiguration": {"level": level, "destinations": [destination]}} if level else {}
    client("stepfunctions").create_state_machine(
        name=name, definition=PROGRAM, roleArn="arn:aws:iam::123456789012:role/role", **logs
    )


def test_a_region_without_any_costs_one_call(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(WorkLog) == []
    assert reading.documents.complete(MACHINE, "us-east-1") is None
    assert reading.operations() == {"stepfunctions:ListStateMachines"}


@pytest.mark.parametrize(
    ("level", "kept"), [("ALL", ("executions",)), ("ERROR", ("executions",)), ("OFF", ()), ("", ())]
)
def test_machines_say_whether_executions_are_logged(
    read: Read, client: Client, level: str, kept: tuple[str, ...]
) -> None:
    """Any level but off will do, and the program is not kept."""
    make_machine(client, "orders", level)

    reading = read(COLLECTOR)
    log = reading.fact(WorkLog, "orders")

    assert log.resource.uid == "arn:aws:states:us-east-1:123456789012:stateMachine:orders"
    assert (log.what, log.kinds, log.kept) == ("state machine", ("executions",), kept)
    assert "made-up" not in str([document.body for document in reading.page.documents])


def test_an_answer_about_no_machine_is_malformed() -> None:
    """A machine that never logged still has its ARN."""
    assert kept_logs({"stateMachineArn": "arn:m"}) == ()
    with pytest.raises(KeyError):
        kept_logs({})


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_lost_detail_costs_its_own_resource_alone(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """It is there, and what it logs is not known."""
    make_machine(client, "orders", "ALL")
    getattr(faults, fault).add("states:DescribeStateMachine")

    log = read(COLLECTOR).fact(WorkLog, "orders")

    assert isinstance(log.kept, Unread)
    assert log.kept.permission == "states:DescribeStateMachine"


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """None read is not none there."""
    make_machine(client, "orders")
    faults.deny.add("states:ListStateMachines")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(MACHINE, "us-east-1")

    assert reading.facts(WorkLog) == []
    assert unread is not None
    assert (unread.reason, unread.operation, unread.permission) == (
        Reason.PERMISSION_DENIED,
        "stepfunctions:ListStateMachines",
        "states:ListStateMachines",
    )


def test_what_tells_of_an_execution_that_failed(read: Read, faults: Faults) -> None:
    """A measure does always, an event only of machines that are not express; nobody knows of one without a type."""
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:"
    given = [{"name": name, "stateMachineArn": f"{arn}{name}"} for name in ("Whole", "fast", "odd")]
    types: list[dict[str, str]] = [{"type": "STANDARD"}, {"type": "EXPRESS"}, {}]
    machines = [{**one, **type_} for one, type_ in zip(given, types, strict=True)]
    faults.answers["states:ListStateMachines"] = {"stateMachines": machines}

    found = {work.resource.name: work for work in read(COLLECTOR).facts(UnattendedWork)}

    assert found["Whole"].events == (f"failed:state_machine {arn.lower()}whole",)
    assert found["fast"].events == ()
    assert isinstance(found["odd"].events, Unread)
    assert {name: work.measures for name, work in found.items()} == {
        name: (f"aws/states/executionsfailed StateMachineArn={arn}{name}",) for name in ("Whole", "fast", "odd")
    }
