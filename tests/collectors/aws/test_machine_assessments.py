"""aws.machine_assessments"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.machine_assessments import COLLECTOR, INSTANCE
from collectors.facts.core import Unread
from collectors.facts.detection import Assessment
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
