"""The GuardDuty detector of each region and whether it is on."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.monitoring import ThreatDetector

DETECTORS = Kind("aws.guardduty.detectors", "guardduty", "ListDetectors", items="DetectorIds")
DETECTOR = Kind("aws.guardduty.detector", "guardduty", "GetDetector")


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """The ids of the region's detectors (AWS allows one) and each one's settings."""
    for found in aws.gather(DETECTORS, region_uid(aws.partition, aws.region, aws.account)):
        yield found
        for each in found.body["DetectorIds"]:
            yield from aws.read(DETECTOR, aws.arn("guardduty", f"detector/{each}"), DetectorId=each)


def region_uid(partition: str, region: str, account: str) -> str:
    """Stands for threat detection in a region, whether or not there is a detector."""
    return f"arn:{partition}:guardduty:{region}:{account}:detector"


def shape(docs: Documents) -> Iterator[Fact]:
    """Exactly one fact per region."""
    for region in docs.regions:
        uid = region_uid(docs.partition, region, docs.account)
        ids = docs.value(DETECTORS, uid, lambda body: [str(each) for each in body["DetectorIds"]])
        details = [] if isinstance(ids, Unread) else [f"{uid}/{each}" for each in ids]
        known = [each for each in docs.of(DETECTOR) if each.uid in details]
        yield ThreatDetector(
            resource=docs.resource("threat_detector", uid, region, region),
            documents=docs.about(uid, *known),
            enabled=ids if isinstance(ids, Unread) else _some_enabled(docs, details),
        )


def _some_enabled(docs: Documents, details: list[str]) -> bool | Unread:
    """One detector that is on settles it; without one, whatever is unread might have been it."""
    states = [docs.value(DETECTOR, uid, is_on) for uid in details]
    if True in states:
        return True
    return next((state for state in states if isinstance(state, Unread)), False)


def is_on(body: Body) -> bool:
    """The detector analyses; a suspended one keeps its settings and does not."""
    return bool(body["Status"] == "ENABLED")


COLLECTOR = Collector(
    id="aws.guardduty_detectors",
    title="GuardDuty detectors",
    scope="region",
    kinds=(DETECTORS, DETECTOR),
    emits={ThreatDetector: None},
    source="Amazon GuardDuty API 2017-11-28",
    fetch=fetch,
    shape=shape,
)
