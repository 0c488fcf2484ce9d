"""aws.machine_assessments"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.machine_assessments import COLLECTOR, INSTANCE
from collectors.facts.core import Unread
from collectors.facts.detection import Assessment
from collectors.facts.machines import MachineManagement
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

COVERAGE, PATCHES = "inspector2:POST /coverage/list", "ssm:ListResourceComplianceSummaries"


@pytest.fixture
def machine(client: Client) -> Callable[[], str]:
    """`machine()`: the id of a new machine, which runs."""

    def start() -> str:
        ec2 = client("ec2")
        image = ec2.register_image(Name=f"image-{len(ec2.describe_images(Owners=['self'])['Images'])}")["ImageId"]
        started = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)
        name: str = started["Instances"][0]["InstanceId"]
        return name

    return start


def covered(machine: str, status: str, reason: str) -> dict[str, Any]:
    """What Inspector says of one machine."""
    state = {"statusCode": status, "reason": reason}
    return {"resourceType": "AWS_EC2_INSTANCE", "resourceId": machine, "scanType": "PACKAGE", "scanStatus": state}


def patched(machine: str, status: str, number: int) -> dict[str, Any]:
    """What Systems Manager says of one machine."""
    count = {"NonCompliantCount": number}
    return {"ComplianceType": "Patch", "ResourceId": machine, "Status": status, "NonCompliantSummary": count}


def told(reading: Reading, topic: str) -> dict[str, tuple[Any, Any]]:
    """Status and reason by machine."""
    facts = [fact for fact in reading.facts(Assessment) if fact.topic == topic]
    return {fact.resource.name: (fact.status, fact.because) for fact in facts}


def test_what_the_services_say_becomes_facts(read: Read, machine: Callable[[], str], faults: Faults) -> None:
    """A machine of which they say nothing is neither scanned nor updated."""
    good, bad, unheard = machine(), machine(), machine()
    faults.answers[COVERAGE] = {
        "coveredResources": [
            covered(good, "ACTIVE", "SUCCESSFUL"),
            covered(bad, "INACTIVE", "UNMANAGED_EC2_INSTANCE"),
            {**covered(unheard, "ACTIVE", "SUCCESSFUL"), "scanType": "NETWORK"},
        ]
    }
    faults.answers[PATCHES] = {
        "ResourceComplianceSummaryItems": [patched(good, "COMPLIANT", 0), patched(bad, "NON_COMPLIANT", 3)]
    }

    reading = read(COLLECTOR)

    assert told(reading, "vulnerability_scanner") == {
        good: ("healthy", ""),
        bad: ("unhealthy", "Inspector says UNMANAGED_EC2_INSTANCE"),
        unheard: ("unhealthy", "Inspector does not look at it"),
    }
    assert told(reading, "system_updates") == {
        good: ("healthy", ""),
        bad: ("unhealthy", "updates that are missing: 3"),
        unheard: ("unhealthy", "Patch Manager never looked at it"),
    }


def test_a_stopped_machine_is_exempt_and_a_gone_one_is_none(
    read: Read, client: Client, machine: Callable[[], str], faults: Faults
) -> None:
    """But updates that were missing when it ran are missing still."""
    stopped, late, gone = machine(), machine(), machine()
    client("ec2").stop_instances(InstanceIds=[stopped, late])
    client("ec2").terminate_instances(InstanceIds=[gone])
    faults.answers[COVERAGE] = {"coveredResources": [covered(stopped, "INACTIVE", "EC2_INSTANCE_STOPPED")]}
    faults.answers[PATCHES] = {"ResourceComplianceSummaryItems": [patched(late, "NON_COMPLIANT", 1)]}

    reading = read(COLLECTOR)

    exempt = ("exempt", "machine is stopped")
    assert told(reading, "vulnerability_scanner") == {stopped: exempt, late: exempt}
    assert told(reading, "system_updates") == {stopped: exempt, late: ("unhealthy", "updates that are missing: 1")}


@pytest.mark.parametrize(
    ("operation", "topic", "permission"),
    [
        (COVERAGE, "vulnerability_scanner", "inspector2:ListCoverage"),
        (PATCHES, "system_updates", "ssm:ListResourceComplianceSummaries"),
    ],
)
def test_a_denied_service_leaves_its_topic_unread(
    read: Read, machine: Callable[[], str], faults: Faults, operation: str, topic: str, permission: str
) -> None:
    """The other topic is known all the same."""
    machine()
    faults.deny.add(operation)

    unread = {fact.topic: fact.status for fact in read(COLLECTOR).facts(Assessment) if isinstance(fact.status, Unread)}

    assert {topic: status.permission for topic, status in unread.items()} == {topic: permission}


def test_no_machines_is_a_complete_listing(read: Read, faults: Faults) -> None:
    """And a lost one is not."""
    assert read(COLLECTOR).documents.complete(INSTANCE, "us-east-1") is None
    faults.deny.add("ec2:DescribeInstances")

    assert read(COLLECTOR).documents.complete(INSTANCE, "us-east-1") is not None


AGENTS = "ssm:DescribeInstanceInformation"


def agent(machine: str, status: str) -> dict[str, Any]:
    """What Systems Manager says of the agent on one machine."""
    return {"InstanceId": machine, "PingStatus": status, "LastPingDateTime": 1_700_000_000, "AgentVersion": "3.3"}


def test_agents_that_answer_and_those_that_do_not(
    read: Read, client: Client, machine: Callable[[], str], faults: Faults
) -> None:
    """One that was lost is as good as none; machines outside of EC2 are nobody's here."""
    good, lost, unheard, stopped = machine(), machine(), machine(), machine()
    client("ec2").stop_instances(InstanceIds=[stopped])
    faults.answers[AGENTS] = {
        "InstanceInformationList": [agent(good, "Online"), agent(lost, "ConnectionLost"), agent("mi-1", "Online")]
    }

    found = {each.resource.name: (each.running, each.reached) for each in read(COLLECTOR).facts(MachineManagement)}

    assert found == {
        good: (True, True),
        lost: (True, False),
        unheard: (True, False),
        stopped: (False, False),
    }


@pytest.mark.parametrize("status", ["Perhaps", None])
def test_a_word_of_an_agent_that_nobody_knows_is_unread(
    read: Read, machine: Callable[[], str], faults: Faults, status: str | None
) -> None:
    """Neither silence nor a new word is a no."""
    said = {"InstanceId": machine(), **({"PingStatus": status} if status else {})}
    faults.answers[AGENTS] = {"InstanceInformationList": [said]}

    (found,) = read(COLLECTOR).facts(MachineManagement)

    assert isinstance(found.reached, Unread)


def test_denied_agents_leave_machines_unread(read: Read, machine: Callable[[], str], faults: Faults) -> None:
    """And the missing right is named."""
    machine()
    faults.deny.add(AGENTS)

    (found,) = read(COLLECTOR).facts(MachineManagement)

    assert found.running is True
    assert isinstance(found.reached, Unread)
    assert found.reached.permission == "ssm:DescribeInstanceInformation"
