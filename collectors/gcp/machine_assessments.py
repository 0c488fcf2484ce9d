"""What Google knows of each machine: whether its software is looked at, which flaws can be closed, who guards it."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Then
from collectors.documents import Documents
from collectors.facts.core import Fact, Resource, Unread
from collectors.facts.detection import Assessment
from collectors.gcp.kinds import DISABLED, rest
from collectors.gcp.names import compute_uid, full_name, place_of
from collectors.gcp.session import Reader

INSTANCE = rest(
    "gcp.compute.assessed_instance",
    "compute",
    "instances.aggregatedList",
    "/compute/v1/projects/{project}/aggregated/instances"
    "?fields=items/*/instances(id,labels,name,selfLink,status),items/*/warning,nextPageToken,unreachables,warning"
    "&maxResults=500",
    permission="compute.instances.list",
    items="items.*.instances",
    omits_empty=True,
    absent=(DISABLED,),  # see gcp.compute_instances
)
REPORT = rest(
    "gcp.osconfig.report",
    "osconfig",
    "projects.locations.instances.vulnerabilityReports.list",
    "/v1/projects/{project}/locations/{zone}/instances/-/vulnerabilityReports?pageSize=100",
    permission="osconfig.vulnerabilityReports.list",
    items="vulnerabilityReports",
    omits_empty=True,
    # Agents report through this very service: where it is off, it knows of no machine.
    absent=(DISABLED,),
    within=INSTANCE,
    volatile=("updateTime",),
)
GUARD = rest(
    "gcp.securitycenter.machine_guard",
    "securitycentermanagement",
    "projects.locations.securityCenterServices.get",
    "/v1/projects/{project}/locations/global/securityCenterServices/vm-threat-detection",
    permission="securitycentermanagement.securityCenterServices.get",
    # Where Security Command Center is off, none of its detectors looks at anything.
    absent=(DISABLED,),
    volatile=("updateTime",),
)
SCANNER, UPDATES, PROTECTION = "vulnerability_scanner", "system_updates", "endpoint_protection"
HEALTHY, UNHEALTHY, EXEMPT = "healthy", "unhealthy", "exempt"
RUNNING = "RUNNING"
NODE = "goog-gke-node"
"""The label of a machine that Google makes, replaces and keeps up to date as a node of a cluster."""
GRAVE = ("CRITICAL", "HIGH")
Said = tuple["str | Unread", "str | Unread"]
"""Status and reason."""


def fetch(gcp: Reader) -> Iterator[Document | Then]:
    """Every machine, and the reports of each zone that has one."""
    zones = set()
    for instance in gcp.listing(INSTANCE):
        uid = compute_uid(instance["selfLink"])
        yield gcp.document(INSTANCE, uid, instance)
        zones.add(place_of(uid))
    for zone in sorted(zones):
        yield Then(reports, (zone,), f"{zone}/{REPORT.operation}")
    if zones:
        yield Then(guard, (), GUARD.operation)


def guard(gcp: Reader) -> Iterator[Document]:
    """Whether Google looks for hostile programs in the memory and on the disks of machines, from outside of them."""
    yield from gcp.read(GUARD, guard_of(gcp.account))


def guard_of(project: str) -> str:
    """Uid of that detector."""
    return full_name("securitycentermanagement", f"projects/{project}/vm-threat-detection")


def reports(gcp: Reader, zone: str) -> Iterator[Document]:
    """The reports of one zone, without the many flaws that nobody can close or that are small."""
    for report in gcp.listing(REPORT, within=zone_of(gcp.account, zone), zone=zone):
        # Without any known flaw the list is left out.
        open_ = [each for each in report.get("vulnerabilities") or () if is_open(each)]
        number = str(report["name"]).split("/")[-2]
        uid = report_of(gcp.account, zone, number)
        yield gcp.document(REPORT, uid, {"name": report["name"], "vulnerabilities": open_})


def zone_of(project: str, zone: str) -> str:
    """The full name of a zone."""
    return full_name("compute", f"projects/{project}/zones/{zone}")


def report_of(project: str, zone: str, number: str) -> str:
    """Uid of the report on the machine with this number."""
    return full_name("osconfig", f"projects/{project}/locations/{zone}/instances/{number}/vulnerabilityReport")


def is_open(flaw: Body) -> bool:
    """A grave flaw for which there is an update: Vulnerability.items, availableInventoryItemId."""
    grave = str((flaw.get("details") or {}).get("severity", "")).upper() in GRAVE
    return grave and any(each.get("availableInventoryItemId") for each in flaw.get("items") or ())


def shape(docs: Documents) -> Iterator[Fact]:
    """Three facts per machine."""
    detector = docs.get(GUARD, guard_of(docs.account))
    guarded = docs.value(GUARD, guard_of(docs.account), is_on)
    for instance in docs.of(INSTANCE):
        zone = place_of(instance.uid)
        uid = report_of(docs.account, zone, str(instance.body["id"]))
        report = next((each for each in docs.of(REPORT) if each.uid == uid), None)
        resource = docs.resource("machine", instance.uid, str(instance.body["name"]), zone)
        spared = _spared(docs, instance)
        unlisted = docs.missed(REPORT, zone_of(docs.account, zone))
        for topic in (SCANNER, UPDATES):
            said = _said(docs, topic, report, spared, unlisted)
            yield _assessment(docs, resource, topic, said, report)
        yield _assessment(docs, resource, PROTECTION, _guarded(docs, instance, guarded), detector)


def is_on(body: Body) -> bool:
    """The detector runs: what is set here and above, as Google worked it out."""
    return "absent" not in body and bool(body["effectiveEnablementState"] == "ENABLED")


def _guarded(docs: Documents, instance: Document, guarded: bool | Unread) -> Said:
    """The detector looks at every machine that runs."""
    stopped = docs.field(INSTANCE, instance, lambda body: bool(body["status"] != RUNNING))
    if stopped is True:
        return EXEMPT, "machine is stopped"
    for each in (guarded, stopped):
        if isinstance(each, Unread):
            return each, each
    return (HEALTHY, "") if guarded else (UNHEALTHY, "VM Threat Detection is off")


def _spared(docs: Documents, instance: Document) -> str | Unread:
    """Why nothing can be asked of a machine that has no report; empty when something can."""

    def why(body: Body) -> str:
        if NODE in (body.get("labels") or {}):
            return "a node of a cluster, which is replaced instead"
        return "" if body["status"] == RUNNING else "machine is stopped"

    return docs.field(INSTANCE, instance, why)


def _said(docs: Documents, topic: str, report: Document | None, spared: str | Unread, unlisted: Unread | None) -> Said:
    if report is None:
        if gap := unlisted or (spared if isinstance(spared, Unread) else None):
            return gap, gap
        return (EXEMPT, str(spared)) if spared else (UNHEALTHY, "VM Manager has no report on it")
    if topic == SCANNER:
        return HEALTHY, ""
    number = docs.field(REPORT, report, lambda body: len(body["vulnerabilities"]))
    if isinstance(number, Unread):
        return number, number
    return (UNHEALTHY, f"grave flaws that an update closes: {number}") if number else (HEALTHY, "")


def _assessment(
    docs: Documents, resource: Resource, topic: str, said: Said, source: Document | Unread | None
) -> Assessment:
    return Assessment(
        resource=resource,
        documents=docs.about(resource.uid, *([source] if isinstance(source, Document) else ())),
        topic=topic,
        status=said[0],
        because=said[1],
    )


COLLECTOR = Collector(
    id="gcp.machine_assessments",
    title="Scanners and guards of machines",
    scope="global",
    kinds=(INSTANCE, REPORT, GUARD),
    emits={Assessment: INSTANCE},
    source="OS Config API v1, Security Center Management API v1, Compute Engine API v1",
    fetch=fetch,
    shape=shape,
)
