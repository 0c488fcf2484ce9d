"""What Inspector and Systems Manager say about each machine: whether it is reached and scanned, and lacks updates."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Resource, Unread
from collectors.facts.detection import Assessment
from collectors.facts.machines import MachineManagement

INSTANCE = Kind("aws.ec2.assessed_reservation", "ec2", "DescribeInstances", items="Reservations")
COVERAGE = Kind("aws.inspector.coverage", "inspector2", "ListCoverage", items="coveredResources")
PATCHES = Kind(
    "aws.ssm.patch_compliance", "ssm", "ListResourceComplianceSummaries", items="ResourceComplianceSummaryItems"
)

MANAGED = Kind("aws.ssm.managed_machine", "ssm", "DescribeInstanceInformation", items="InstanceInformationList")
STATES = {"Online": True, "ConnectionLost": False, "Inactive": False}
"""What Systems Manager says of an agent, and whether it answers."""

SCANNER, UPDATES = "vulnerability_scanner", "system_updates"
HEALTHY, UNHEALTHY, EXEMPT = "healthy", "unhealthy", "exempt"
GONE = frozenset({"shutting-down", "terminated"})
"""States of a machine that comes back no more."""
Said = tuple["str | Unread", "str | Unread"]
"""Status and reason."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every machine of the region, and what both services know of machines.

    Of these answers only what settles something is kept: they tell many a time and count that change all day.
    """
    for reservation in aws.listing(INSTANCE):
        for instance in reservation["Instances"]:
            if instance["State"]["Name"] not in GONE:
                uid = aws.arn("ec2", f"instance/{instance['InstanceId']}")
                kept = {key: instance[key] for key in ("InstanceId", "State", "Tags") if key in instance}
                yield aws.document(INSTANCE, uid, kept)
    yield Then(known, (), COVERAGE.operation)
    yield Then(managed, (), MANAGED.operation)


def known(aws: Reader) -> Iterator[Document]:
    """Which machines Inspector looks at, and which Systems Manager found to lack updates."""
    of_machines = {"resourceType": [{"comparison": "EQUALS", "value": "AWS_EC2_INSTANCE"}]}
    for covered in aws.listing(COVERAGE, filterCriteria=of_machines):
        if covered["scanType"] == "PACKAGE":
            kept = {key: value for key, value in covered.items() if key != "lastScannedAt"}
            yield aws.document(COVERAGE, aws.arn("ec2", f"instance/{covered['resourceId']}"), kept)
    patches = [{"Key": "ComplianceType", "Values": ["Patch"], "Type": "EQUAL"}]
    for summary in aws.listing(PATCHES, Filters=patches):
        kept = {key: value for key, value in summary.items() if key != "ExecutionSummary"}
        yield aws.document(PATCHES, aws.arn("ec2", f"instance/{summary['ResourceId']}"), kept)


def managed(aws: Reader) -> Iterator[Document]:
    """The agents that Systems Manager knows, on machines of EC2; others have names that begin with `mi-`."""
    for agent in aws.listing(MANAGED, MaxResults=50):
        kept = {key: value for key, value in agent.items() if key in {"InstanceId", "PingStatus"}}
        yield aws.document(MANAGED, aws.arn("ec2", f"instance/{agent['InstanceId']}"), kept)


def shape(docs: Documents) -> Iterator[Fact]:
    """Three facts per machine."""
    agents = {each.uid: each for each in docs.of(MANAGED)}
    scanned = {each.uid: each for each in docs.of(COVERAGE)}
    patched = {each.uid: each for each in docs.of(PATCHES)}
    for instance in docs.of(INSTANCE):
        resource = docs.resource("machine", instance.uid, instance.uid.rpartition("/")[2], instance.region)
        stopped = docs.field(INSTANCE, instance, lambda body: bool(body["State"]["Name"] != "running"))
        agent = agents.get(instance.uid)
        yield MachineManagement(
            resource=resource,
            documents=docs.about(instance.uid),
            running=stopped if isinstance(stopped, Unread) else not stopped,
            reached=docs.field(MANAGED, agent, lambda body: STATES[body["PingStatus"]])
            if agent
            else docs.complete(MANAGED, instance.region) or False,
        )
        yield _assessment(docs, resource, SCANNER, _scanner(docs, scanned.get(instance.uid), instance.region, stopped))
        yield _assessment(docs, resource, UPDATES, _updates(docs, patched.get(instance.uid), instance.region, stopped))


def _assessment(docs: Documents, resource: Resource, topic: str, said: Said) -> Assessment:
    return Assessment(
        resource=resource, documents=docs.about(resource.uid), topic=topic, status=said[0], because=said[1]
    )


def _scanner(docs: Documents, covered: Document | None, region: str, stopped: bool | Unread) -> Said:
    """Inspector looks at the machine."""
    if covered is None:
        return _unheard(docs.complete(COVERAGE, region), stopped, "Inspector does not look at it")
    reason = docs.field(COVERAGE, covered, why)
    if docs.field(COVERAGE, covered, is_active) is not True and stopped is True:
        return EXEMPT, "machine is stopped"
    active = docs.field(COVERAGE, covered, is_active)
    return active if isinstance(active, Unread) else HEALTHY if active else UNHEALTHY, reason


def _updates(docs: Documents, summary: Document | None, region: str, stopped: bool | Unread) -> Said:
    """Patch Manager looked, and nothing is missing by the patch baseline."""
    if summary is None:
        return _unheard(docs.complete(PATCHES, region), stopped, "Patch Manager never looked at it")
    nothing = docs.field(PATCHES, summary, lambda body: bool(body["Status"] == "COMPLIANT"))
    number = docs.field(PATCHES, summary, missing)
    return nothing if isinstance(nothing, Unread) else HEALTHY if nothing else UNHEALTHY, number


def _unheard(unlisted: Unread | None, stopped: bool | Unread, because: str) -> Said:
    """A machine of which the service says nothing; one that is stopped can be asked for nothing."""
    if unlisted is not None:
        return unlisted, unlisted
    if isinstance(stopped, Unread):
        return stopped, stopped
    return (EXEMPT, "machine is stopped") if stopped else (UNHEALTHY, because)


def is_active(body: Body) -> bool:
    """Inspector scans it continuously."""
    return bool(body["scanStatus"]["statusCode"] == "ACTIVE")


def why(body: Body) -> str:
    """Inspector's reason for a machine that it does not scan."""
    return "" if is_active(body) else f"Inspector says {body['scanStatus']['reason']}"


def missing(body: Body) -> str:
    """How many updates break the patch baseline."""
    number = int((body.get("NonCompliantSummary") or {}).get("NonCompliantCount", 0))
    return f"updates that are missing: {number}" if number else ""


COLLECTOR = Collector(
    id="aws.machine_assessments",
    title="Agents, scanners and updates of machines",
    scope="region",
    kinds=(INSTANCE, COVERAGE, PATCHES, MANAGED),
    emits={Assessment: INSTANCE, MachineManagement: INSTANCE},
    source="Amazon Inspector API 2020-06-08, AWS Systems Manager API 2014-11-06",
    fetch=fetch,
    shape=shape,
)
