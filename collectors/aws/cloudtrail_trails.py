"""CloudTrail trails: what each records, whether it is on, and whether some trail covers every region."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Unread
from collectors.facts.monitoring import AuditCoverage, AuditTrail

TRAIL = Kind("aws.cloudtrail.trail", "cloudtrail", "DescribeTrails", items="trailList")
STATUS = Kind(
    "aws.cloudtrail.trail_status",
    "cloudtrail",
    "GetTrailStatus",
    volatile=(
        "LatestDeliveryTime",
        "LatestDeliveryAttemptTime",
        "LatestDeliveryAttemptSucceeded",
        "LatestDigestDeliveryTime",
        "LatestNotificationTime",
        "LatestNotificationAttemptTime",
        "LatestNotificationAttemptSucceeded",
        "LatestCloudWatchLogsDeliveryTime",
    ),
)
SELECTORS = Kind("aws.cloudtrail.event_selectors", "cloudtrail", "GetEventSelectors")
PARAMETERS = {STATUS: "Name", SELECTORS: "TrailName"}
"""How each detail wants the trail named."""

S3_OBJECT, FUNCTION = "AWS::S3::Object", "AWS::Lambda::Function"
EVERY = {S3_OBJECT: re.compile(r"arn:aws[a-z-]*:s3(:::)?"), FUNCTION: re.compile(r"arn:aws[a-z-]*:lambda")}
"""How a selector names everything of a kind, by the kind of resource whose data events it takes."""
READS, WRITES = "ReadOnly", "WriteOnly"
READ_ONLY = {READS: "true", WRITES: "false"}


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every trail once, with its details from its home region.

    Each region lists its own trails and the shadows of trails that live elsewhere.  A trail counts for the
    region where it lives.  One that lives in a region that this run does not read counts for the first region
    that it does read, so that a trail of every region is known wherever its home is.
    """
    for trail in aws.listing(TRAIL, includeShadowTrails=True):
        home = trail["HomeRegion"]
        if home == aws.region or (home not in aws.regions and aws.region == min(aws.regions)):
            uid = trail["TrailARN"]
            yield aws.document(TRAIL, uid, trail)
            for kind in PARAMETERS:
                yield Then(detail, (kind, uid), f"{uid}/{kind.operation}", home)


def detail(aws: Reader, kind: Kind, uid: str) -> Iterator[Document]:
    """One answer about one trail."""
    yield from aws.read(kind, uid, **{PARAMETERS[kind]: uid})


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per trail, and what they achieve together."""
    trails = [_trail(docs, document) for document in docs.of(TRAIL)]
    yield from trails
    yield _coverage(docs, trails)


def _trail(docs: Documents, trail: Document) -> AuditTrail:
    uid = trail.uid
    return AuditTrail(
        resource=docs.resource("audit_trail", uid, uid.rpartition("/")[2], trail.region),
        documents=docs.about(uid),
        all_regions=docs.field(TRAIL, trail, lambda body: bool(body["IsMultiRegionTrail"])),
        logging=docs.value(STATUS, uid, lambda body: bool(body["IsLogging"])),
        validated=docs.field(TRAIL, trail, lambda body: bool(body["LogFileValidationEnabled"])),
        # AWS leaves the key and the log group out of a trail that has none.
        customer_key=docs.field(TRAIL, trail, lambda body: body.get("KmsKeyId")),
        store=f"arn:{docs.partition}:s3:::{trail.body['S3BucketName']}",
        delivery_error=docs.value(STATUS, uid, lambda body: reported(body, "LatestDeliveryError")),
        last_delivery=docs.value(STATUS, uid, lambda body: moment(body, "LatestDeliveryTime")),
        searchable_in=docs.field(TRAIL, trail, lambda body: body.get("CloudWatchLogsLogGroupArn")),
        last_search_delivery=docs.value(STATUS, uid, lambda body: moment(body, "LatestCloudWatchLogsDeliveryTime")),
        management_reads=docs.value(SELECTORS, uid, lambda body: records_management(body, READS)),
        management_writes=docs.value(SELECTORS, uid, lambda body: records_management(body, WRITES)),
        object_reads=docs.value(SELECTORS, uid, lambda body: records_data(body, S3_OBJECT, READS)),
        object_writes=docs.value(SELECTORS, uid, lambda body: records_data(body, S3_OBJECT, WRITES)),
        # A call of a function counts as a write: Lambda Developer Guide, data events.
        function_calls=docs.value(SELECTORS, uid, lambda body: records_data(body, FUNCTION, WRITES)),
    )


def _coverage(docs: Documents, trails: list[AuditTrail]) -> AuditCoverage:
    """One working trail of every region settles it; without one, whatever is unread might have been it."""
    uid = f"arn:{docs.partition}:cloudtrail::{docs.account}:coverage"
    unlisted = next(filter(None, (docs.complete(TRAIL, region) for region in docs.regions)), None)
    covers = [(trail, covers_all_regions(trail)) for trail in trails]
    functions = [_both(value, trail.function_calls) for trail, value in covers]
    covering = tuple(sorted(trail.resource.name for trail, value in covers if value is True))
    unread = unlisted or next((value for _, value in covers if isinstance(value, Unread)), None)
    return AuditCoverage(
        resource=docs.resource("account", uid, docs.account, "global"),
        documents=tuple(sorted({reference for trail in trails for reference in trail.documents})),
        trails=unlisted or len(trails),
        covers_all_regions=True if covering else unread or False,
        covering=covering if covering or not unread else unread,
        function_calls=True
        if True in functions
        else unlisted or next((value for value in functions if isinstance(value, Unread)), False),
    )


def covers_all_regions(trail: AuditTrail) -> bool | Unread:
    """The trail is on and records every region; one of the two that is false settles it."""
    values = (trail.all_regions, trail.logging)
    if False in values:
        return False
    return next((value for value in values if isinstance(value, Unread)), True)


def _both(covers: bool | Unread, records: bool | None | Unread) -> bool | Unread:
    """A trail covers every region and records a kind of event; one of the two that is false settles it."""
    if covers is False or not records:
        return False
    return next((value for value in (covers, records) if isinstance(value, Unread)), True)


def reported(body: Body, key: str) -> str | None:
    """What a status says at `key`; None when it is left out or empty, as AWS does with what has never been.

    Raises KeyError for an answer that is no status at all.  Bytes that are no JSON arrive as an empty one.
    """
    if "IsLogging" not in body:
        raise KeyError("IsLogging")
    return body.get(key) or None


def moment(body: Body, key: str) -> datetime | None:
    """The instant that a status reports at `key`; None when there has been none."""
    text = reported(body, key)
    return None if text is None else when(text)


def records_management(body: Body, access: str) -> bool:
    """Some selector takes every management event of that access, no service left out."""
    classic, advanced = _selectors(body)
    return any(
        selector["ReadWriteType"] in {"All", access}
        and selector["IncludeManagementEvents"]
        and not selector.get("ExcludeManagementEventSources")
        for selector in classic
    ) or any(selects(selector["FieldSelectors"], {"eventCategory": "Management"}, access) for selector in advanced)


def records_data(body: Body, type_: str, access: str) -> bool:
    """Some selector takes that access to every resource of a type, of today and of tomorrow.

    For S3 that is the objects of every bucket.
    """
    classic, advanced = _selectors(body)
    data = {"eventCategory": "Data", "resources.type": type_}
    return any(
        selector["ReadWriteType"] in {"All", access}
        and any(
            resource["Type"] == type_ and _any_is_every(resource["Values"], type_)
            for resource in selector.get("DataResources", ())
        )
        for selector in classic
    ) or any(selects(selector["FieldSelectors"], data, access) for selector in advanced)


def _selectors(body: Body) -> tuple[Iterable[Body], Iterable[Body]]:
    """Classic and advanced selectors.  A trail has one form, and the answer may leave out the other."""
    if not {"EventSelectors", "AdvancedEventSelectors"} & body.keys():
        raise KeyError("EventSelectors")
    return body.get("EventSelectors", ()), body.get("AdvancedEventSelectors", ())


def selects(fields: Iterable[Body], wanted: Mapping[str, str], access: str) -> bool:
    """Advanced field selectors, all of which an event must meet, let through every event that is `wanted`."""
    admitted = {**wanted, "readOnly": READ_ONLY[access]}
    present = {field["Field"] for field in fields}
    return wanted.keys() <= present and all(_admits(field, admitted) for field in fields)


def _admits(field: Body, wanted: Mapping[str, str]) -> bool:
    """A field that is not about what is wanted narrows the selection, unless it names everything of the type."""
    tests = {name: values for name, values in field.items() if name != "Field" and values}
    if field["Field"] == "resources.ARN":
        return tests.keys() == {"StartsWith"} and _any_is_every(tests["StartsWith"], wanted.get("resources.type", ""))
    return tests.keys() == {"Equals"} and wanted.get(field["Field"]) in tests["Equals"]


def _any_is_every(values: Iterable[str], type_: str) -> bool:
    return type_ in EVERY and any(EVERY[type_].fullmatch(value) for value in values)


COLLECTOR = Collector(
    id="aws.cloudtrail_trails",
    title="CloudTrail trails, their state and what they record",
    scope="region",
    kinds=(TRAIL, STATUS, SELECTORS),
    emits={AuditTrail: TRAIL, AuditCoverage: None},
    source="AWS CloudTrail API 2013-11-01",
    fetch=fetch,
    shape=shape,
)
