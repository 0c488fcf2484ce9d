"""Security Hub and AWS Config: the sets of rules that an account is held against, and what they found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Unread
from collectors.facts.detection import BaselineCoverage, BaselineResult, SecurityFinding

NOT_SUBSCRIBED = ("InvalidAccessException",)
"""Security Hub is not on in the region, so it holds nothing."""
STANDARD = Kind(
    "aws.securityhub.standard",
    "securityhub",
    "GetEnabledStandards",
    items="StandardsSubscriptions",
    absent=NOT_SUBSCRIBED,
)
FINDING = Kind(
    "aws.securityhub.finding",
    "securityhub",
    "GetFindings",
    items="Findings",
    absent=NOT_SUBSCRIBED,
    volatile=("UpdatedAt", "LastObservedAt", "ProcessedAt"),
)
PACK = Kind("aws.config.conformance_pack", "config", "DescribeConformancePacks", items="ConformancePackDetails")
BROKEN = Kind(
    "aws.config.conformance_pack_failures",
    "config",
    "GetConformancePackComplianceDetails",
    items="ConformancePackRuleEvaluationResults",
    volatile=("*",),
)

OPEN = {
    "RecordState": [{"Value": "ACTIVE", "Comparison": "EQUALS"}],
    "WorkflowStatus": [{"Value": status, "Comparison": "EQUALS"} for status in ("NEW", "NOTIFIED", "SUPPRESSED")],
}
"""Findings that nobody settled; Security Hub itself settles a rule that is kept."""
THREATS, FLAWS = "GuardDuty", "Inspector"
"""Services whose findings are read where they keep them, whether or not they hand them on."""
CLOSABLE = frozenset({"YES", "PARTIAL"})
"""Flaws that a new version closes, which have times of their own; Inspector says it of each package."""
ANY = "any"
"""Stands for each standard."""
SEVERITIES = {"INFORMATIONAL": "low", "LOW": "low", "MEDIUM": "medium", "HIGH": "high", "CRITICAL": "critical"}
IN_FORCE = frozenset({"READY", "INCOMPLETE"})
"""States of a standard that is judged; INCOMPLETE means that some of its rules are not there in the region."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """The standards and conformance packs of a region, and every finding that is still open."""
    for standard in aws.listing(STANDARD):
        yield aws.document(STANDARD, standard["StandardsSubscriptionArn"], standard)
    yield Then(findings, (), FINDING.operation)
    for pack in aws.listing(PACK):
        uid = pack["ConformancePackArn"]
        yield aws.document(PACK, uid, pack)
        yield Then(failures, (uid, pack["ConformancePackName"]), f"{uid}/{BROKEN.operation}")


def findings(aws: Reader) -> Iterator[Document]:
    """Every open finding of this account; an account that gathers for others has theirs too."""
    own = [{"Value": aws.account, "Comparison": "EQUALS"}]
    here = [{"Value": aws.region, "Comparison": "EQUALS"}]
    for finding in aws.listing(FINDING, Filters={**OPEN, "AwsAccountId": own, "Region": here}):
        yield aws.document(FINDING, finding["Id"], finding)


def failures(aws: Reader, uid: str, name: str) -> Iterator[Document]:
    """What breaks a rule of one conformance pack."""
    yield from aws.gather(BROKEN, uid, ConformancePackName=name, Filters={"ComplianceType": "NON_COMPLIANT"})


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact for the account, one per set of rules and region, and one per open finding."""
    uid = f"arn:{docs.partition}:securityhub::{docs.account}:baselines"
    sets = {region: dict(_sets(docs, region)) for region in docs.regions}
    yield BaselineCoverage(
        resource=docs.resource("account", uid, docs.account, "global"),
        documents=tuple(
            sorted(ref for found in sets.values() for each in found.values() for ref in docs.about(each.uid))
        ),
        assigned=_everywhere(docs, sets),
    )
    yield from _results(docs)
    for finding in docs.of(FINDING):
        if not is_read_elsewhere(finding.body):
            yield SecurityFinding(
                resource=docs.resource("security_finding", finding.uid, finding.uid.rpartition("/")[2], finding.region),
                documents=docs.about(finding.uid),
                severity=docs.field(FINDING, finding, lambda body: SEVERITIES[body["Severity"]["Label"]]),
                what=str(finding.body.get("Title", "")),
                opened=docs.field(FINDING, finding, first_seen),
                muted=docs.field(FINDING, finding, is_muted),
            )


def _sets(docs: Documents, region: str) -> Iterator[tuple[str, Document]]:
    """Names of the sets of rules in force in a region."""
    for standard in docs.of(STANDARD):
        if standard.region == region and docs.field(STANDARD, standard, in_force) is True:
            yield standard_name(standard), standard
    for pack in docs.of(PACK):
        # A pack with a scope looks at what carries one tag.
        if pack.region == region and not pack.body.get("Scope"):
            yield str(pack.body["ConformancePackName"]), pack


def in_force(body: Body) -> bool:
    """The standard is judged."""
    return body["StandardsStatus"] in IN_FORCE


def standard_name(standard: Document) -> str:
    """Name and version: `cis-aws-foundations-benchmark/v/3.0.0`."""
    return standard.uid.partition(":subscription/")[2] or standard.uid


def _everywhere(docs: Documents, sets: Mapping[str, Mapping[str, Document]]) -> tuple[str, ...] | Unread:
    """Sets that are in force in every region that is read."""
    unread = next(
        filter(None, (docs.complete(kind, region) for kind in (STANDARD, PACK) for region in docs.regions)), None
    )
    if unread is not None or not sets:
        return unread or ()
    return tuple(sorted(set.intersection(*(set(found) for found in sets.values()))))


def _results(docs: Documents) -> Iterator[BaselineResult]:
    """What breaks each set, region by region."""
    broken: dict[tuple[str, str], set[str]] = defaultdict(set)
    for finding in docs.of(FINDING):
        if _breaks(finding.body):
            for name in _standards_of(finding.body):
                broken[finding.region, name].update(str(resource["Id"]) for resource in finding.body["Resources"])
    for standard in docs.of(STANDARD):
        name = standard_name(standard)
        yield BaselineResult(
            resource=docs.resource("baseline", standard.uid, name, standard.region),
            documents=docs.about(standard.uid),
            failing=docs.complete(FINDING, standard.region)
            or len(broken[standard.region, name] | broken[standard.region, ANY]),
        )
    for pack in docs.of(PACK):
        yield BaselineResult(
            resource=docs.resource("baseline", pack.uid, str(pack.body["ConformancePackName"]), pack.region),
            documents=docs.about(pack.uid),
            failing=docs.value(BROKEN, pack.uid, failing),
        )


def _standards_of(body: Body) -> tuple[str, ...]:
    """Names of the standards whose rule is broken; any, where the finding does not say."""
    named = body["Compliance"].get("AssociatedStandards")
    return tuple(str(each["StandardsId"]).partition("/")[2] for each in named) if named else (ANY,)


def _breaks(body: Body) -> bool:
    """A rule is broken, and the company did not decide to live with it."""
    return (body.get("Compliance") or {}).get("Status") == "FAILED" and not is_muted(body)


def failing(body: Body) -> int:
    """Number of resources that break a rule, each once."""
    marks = (each["EvaluationResultIdentifier"]["EvaluationResultQualifier"] for each in body[BROKEN.items])
    return len({(mark["ResourceType"], mark["ResourceId"]) for mark in marks})


def is_read_elsewhere(body: Body) -> bool:
    """Some other fact is about it."""
    flaws = body.get("Vulnerabilities") or ()
    closable = any(isinstance(flaw, dict) and flaw.get("FixAvailable") in CLOSABLE for flaw in flaws)
    return body.get("ProductName") == THREATS or (body.get("ProductName") == FLAWS and closable)


def first_seen(body: Body) -> datetime:
    """When whoever found it saw it for the first time, where that is told; Security Hub may have heard later."""
    return min(when(body["CreatedAt"]), when(body.get("FirstObservedAt") or body["CreatedAt"]))


def is_muted(body: Body) -> bool:
    """Somebody suppressed the finding."""
    return bool(body["Workflow"]["Status"] == "SUPPRESSED")


COLLECTOR = Collector(
    id="aws.security_hub",
    title="Security Hub standards and findings, AWS Config conformance packs",
    scope="region",
    kinds=(STANDARD, FINDING, PACK, BROKEN),
    emits={BaselineCoverage: None, BaselineResult: STANDARD, SecurityFinding: FINDING},
    source="AWS Security Hub API 2018-10-26, AWS Config API 2014-11-12",
    fetch=fetch,
    shape=shape,
    bounded_by={BaselineResult: (PACK,)},
)
