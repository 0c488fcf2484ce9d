"""Security Command Center: which of its detectors are on in a project, and what they found."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Then
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Unread
from collectors.facts.detection import BaselineCoverage, BaselineResult, SecurityFinding
from collectors.facts.monitoring import ThreatDetector
from collectors.gcp.ancestry import Level
from collectors.gcp.kinds import rest
from collectors.gcp.names import full_name, last
from collectors.gcp.session import Reader

DETECTORS = rest(
    "gcp.securitycenter.detectors",
    "securitycentermanagement",
    "projects.locations.securityCenterServices.list",
    "/v1/projects/{project}/locations/global/securityCenterServices?pageSize=100",
    permission="securitycentermanagement.securityCenterServices.list",
    items="securityCenterServices",
    omits_empty=True,
    volatile=("securityCenterServices.*.updateTime",),
)
FINDING = rest(
    "gcp.securitycenter.finding",
    "securitycenter",
    "projects.sources.locations.findings.list",
    "/v2/projects/{project}/sources/-/locations/global/findings?filter=state%3D%22ACTIVE%22&pageSize=1000",
    permission="securitycenter.findings.list",
    items="listFindingsResults",
    omits_empty=True,
    volatile=("eventTime",),
)
THREATS, RULES = "event-threat-detection", "security-health-analytics"
MISCONFIGURATION = "MISCONFIGURATION"
_KEPT = (
    "name",
    "canonicalName",
    "category",
    "createTime",
    "eventTime",
    "findingClass",
    "mute",
    "resourceName",
    "severity",
    "state",
)
"""What is kept of a finding: the rest may quote logs and data."""


def fetch(gcp: Reader) -> Iterator[Document | Then]:
    """What is on, and every finding that is open."""
    yield Then(detectors, (), DETECTORS.name)
    for result in gcp.listing(FINDING):
        body = {name: result["finding"][name] for name in _KEPT if name in result["finding"]}
        yield gcp.document(FINDING, full_name("securitycenter", body["name"]), body)


def detectors(gcp: Reader) -> Iterator[Document]:
    """All detectors of the service, in one document."""
    yield from gcp.gather(DETECTORS, Level("projects", gcp.known["project"]).uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """Threat detection, the provider's own rules with what breaks them, and one fact per finding."""
    project = Level("projects", docs.account).uid
    on = docs.value(DETECTORS, project, enabled)
    yield ThreatDetector(
        resource=docs.resource("threat_detector", f"{project}/{THREATS}", THREATS, "global"),
        documents=docs.about(project),
        enabled=on if isinstance(on, Unread) else THREATS in on,
    )
    yield BaselineCoverage(
        resource=docs.resource("account", project, docs.account, "global"),
        documents=docs.about(project),
        assigned=on if isinstance(on, Unread) else tuple(each for each in on if each == RULES),
    )
    if isinstance(on, Unread) or RULES in on:
        yield BaselineResult(
            resource=docs.resource("baseline", f"{project}/{RULES}", RULES, "global"),
            documents=docs.about(project),
            failing=on if isinstance(on, Unread) else _failing(docs),
        )
    for finding in docs.of(FINDING):
        yield SecurityFinding(
            resource=docs.resource("security_finding", finding.uid, last(finding.uid), "global"),
            documents=docs.about(finding.uid),
            severity=docs.field(FINDING, finding, lambda body: str(body["severity"]).lower()),
            what=str(finding.body.get("category", "")),
            # A finding that comes back keeps its first date, and its last one moves with every look at it.
            opened=docs.field(FINDING, finding, lambda body: when(body["createTime"])),
            muted=docs.field(FINDING, finding, is_muted),
        )


def _failing(docs: Documents) -> int | Unread:
    """Number of resources that break a rule, those left out about which the company decided otherwise."""
    return docs.complete(FINDING, "global") or len(
        {
            finding.body.get("resourceName", finding.uid)
            for finding in docs.of(FINDING)
            if finding.body.get("findingClass") == MISCONFIGURATION and not is_muted(finding.body)
        }
    )


def enabled(body: Body) -> tuple[str, ...]:
    """Detectors that run: what is set here and above, as Google worked it out."""
    return tuple(
        sorted(
            last(each["name"])
            for each in body["securityCenterServices"]
            if each["effectiveEnablementState"] == "ENABLED"
        )
    )


def is_muted(finding: Body) -> bool:
    """Somebody muted it; it is not unless it says so: Finding.mute."""
    return bool(finding.get("mute", "UNDEFINED") == "MUTED")


COLLECTOR = Collector(
    id="gcp.security_center",
    title="Security Command Center",
    scope="global",
    kinds=(DETECTORS, FINDING),
    emits={ThreatDetector: None, BaselineCoverage: None, BaselineResult: None, SecurityFinding: FINDING},
    source="Security Center Management API v1, Security Command Center API v2",
    fetch=fetch,
    shape=shape,
)
