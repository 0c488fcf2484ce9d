"""State machines of Step Functions, whether they log executions, and what tells that one failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.processing import UnattendedWork
from collectors.facts.service_logs import WorkLog

MACHINE = Kind(
    "aws.stepfunctions.state_machine",
    "stepfunctions",
    "ListStateMachines",
    permission="states:ListStateMachines",
    items="stateMachines",
)
SETTINGS = Kind(
    "aws.stepfunctions.state_machine_settings",
    "stepfunctions",
    "DescribeStateMachine",
    permission="states:DescribeStateMachine",
)
KEPT = ("stateMachineArn", "loggingConfiguration")
"""What is judged; the definition, which is a program of the company's own, is left out."""

EXECUTIONS = "executions"
OFF = "OFF"


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every state machine and its settings."""
    for machine in aws.listing(MACHINE):
        uid = machine["stateMachineArn"]
        yield aws.document(MACHINE, uid, machine)
        yield Then(settings, (uid,), f"{uid}/{SETTINGS.operation}")


def settings(aws: Reader, uid: str) -> Iterator[Document]:
    """The settings of one state machine, for which no key is needed that its definition is encrypted with."""
    for found in aws.read(SETTINGS, uid, stateMachineArn=uid, includedData="METADATA_ONLY"):
        yield replace(found, body={key: found.body[key] for key in KEPT if key in found.body})


def shape(docs: Documents) -> Iterator[Fact]:
    """Two facts per state machine."""
    for machine in docs.of(MACHINE):
        resource = docs.resource("state_machine", machine.uid, str(machine.body["name"]), machine.region)
        yield UnattendedWork(
            resource=resource,
            documents=docs.about(machine.uid),
            what="state machine",
            failures_kept=None,
            takes_failures=False,
            measures=(f"aws/states/executionsfailed StateMachineArn={machine.uid}",),
            events=docs.field(MACHINE, machine, reports),
        )
        yield WorkLog(
            resource=resource,
            documents=docs.about(machine.uid),
            what="state machine",
            kinds=(EXECUTIONS,),
            kept=docs.value(SETTINGS, machine.uid, kept_logs),
        )


def reports(body: Body) -> tuple[str, ...]:
    """What EventBridge hears when an execution fails; nothing of express ones: Step Functions, events."""
    return () if body["type"] == "EXPRESS" else (f"failed:state_machine {str(body['stateMachineArn']).lower()}",)


def kept_logs(body: Body) -> tuple[str, ...]:
    """Executions, at whatever level.  It is OFF unless set: LoggingConfiguration; an answer without an ARN is none."""
    if "stateMachineArn" not in body:
        raise KeyError("stateMachineArn")
    level = (body.get("loggingConfiguration") or {}).get("level", OFF)
    return () if level == OFF else (EXECUTIONS,)


COLLECTOR = Collector(
    id="aws.state_machines",
    title="State machines and their logs",
    scope="region",
    kinds=(MACHINE, SETTINGS),
    emits={WorkLog: MACHINE, UnattendedWork: MACHINE},
    source="AWS Step Functions API 2016-11-23",
    fetch=fetch,
    shape=shape,
)
