"""What GuardDuty found and nobody has archived."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents, when
from collectors.facts.core import Fact
from collectors.facts.detection import SecurityFinding

DETECTOR = Kind("aws.guardduty.finder", "guardduty", "ListDetectors", items="DetectorIds")
IDS = Kind("aws.guardduty.finding_ids", "guardduty", "ListFindings", items="FindingIds", within=DETECTOR)
FINDING = Kind(
    "aws.guardduty.finding",
    "guardduty",
    "GetFindings",
    items="Findings",
    volatile=("UpdatedAt", "Service.EventLastSeen", "Service.Count"),
    within=IDS,
)

AT_ONCE = 50
"""Most findings that one call answers."""
BANDS = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.0, "low"))
"""Least severity of each word: GuardDuty, "Severity levels of findings"."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """The detector of the region and its findings; one that is archived was judged by somebody."""
    for detector in aws.listing(DETECTOR):
        uid = aws.arn("guardduty", f"detector/{detector}")
        yield Then(findings, (uid, detector), f"{uid}/{IDS.operation}")


def findings(aws: Reader, uid: str, detector: str) -> Iterator[Document]:
    """The findings of this account; one that gathers for others has theirs too."""
    criteria = {"Criterion": {"service.archived": {"Eq": ["false"]}, "accountId": {"Eq": [aws.account]}}}
    ids = list(aws.listing(IDS, within=uid, DetectorId=detector, FindingCriteria=criteria))
    for first in range(0, len(ids), AT_ONCE):
        some = ids[first : first + AT_ONCE]
        for finding in aws.listing(FINDING, within=uid, DetectorId=detector, FindingIds=some):
            yield aws.document(FINDING, finding["Arn"], finding)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per finding."""
    for finding in docs.of(FINDING):
        yield SecurityFinding(
            resource=docs.resource("security_finding", finding.uid, finding.uid.rpartition("/")[2], finding.region),
            documents=docs.about(finding.uid),
            severity=docs.field(FINDING, finding, severity),
            what=str(finding.body.get("Type", "")),
            opened=docs.field(FINDING, finding, lambda body: when(body["CreatedAt"])),
            muted=docs.field(FINDING, finding, lambda body: bool(body["Service"]["Archived"])),
        )


def severity(body: Body) -> str:
    """The number as a word."""
    number = float(body["Severity"])
    return next(word for least, word in BANDS if number >= least)


COLLECTOR = Collector(
    id="aws.guardduty_findings",
    title="GuardDuty findings",
    scope="region",
    kinds=(DETECTOR, IDS, FINDING),
    emits={SecurityFinding: FINDING},
    source="Amazon GuardDuty API 2017-11-28",
    fetch=fetch,
    shape=shape,
)
