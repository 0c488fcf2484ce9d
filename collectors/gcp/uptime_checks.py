"""Uptime checks: how often and from how many places Google asks whether a service answers, and how often it did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from collectors.api import Body, Collector, Document, Then
from collectors.documents import Documents
from collectors.facts.availability import AvailabilityProbe, MeasuredAvailability
from collectors.facts.core import Fact, Unread
from collectors.gcp.kinds import rest
from collectors.gcp.names import SECONDS_OF_A_DAY, full_name, last, seconds
from collectors.gcp.session import Reader
from collectors.reader import now

PROBE = rest(
    "gcp.monitoring.uptime_check",
    "monitoring",
    "projects.uptimeCheckConfigs.list",
    "/v3/projects/{project}/uptimeCheckConfigs?pageSize=1000",
    permission="monitoring.uptimeCheckConfigs.list",
    items="uptimeCheckConfigs",
    omits_empty=True,
)
DAYS = 30
"""How far back measures are asked for; Google keeps those of its own for six weeks."""
# For each check one number: the share of all its tests, at all places, that went well.
MEASURED = rest(
    "gcp.monitoring.measured_availability",
    "monitoring",
    "projects.timeSeries.list",
    "/v3/projects/{project}/timeSeries"
    "?filter=metric.type%3D%22monitoring.googleapis.com/uptime_check/check_passed%22"
    f"&aggregation.alignmentPeriod={DAYS * SECONDS_OF_A_DAY}s&aggregation.perSeriesAligner=ALIGN_FRACTION_TRUE"
    "&aggregation.crossSeriesReducer=REDUCE_MEAN&aggregation.groupByFields=metric.label.check_id"
    "&interval.startTime={start}&interval.endTime={end}&pageSize=1000",
    permission="monitoring.timeSeries.list",
    items="timeSeries",
    omits_empty=True,
    volatile=("*",),
)
MICROSECONDS = 1_000_000
PLACES = {"USA": 3}
"""How many places a region stands for, where that is more than one: UptimeCheckRegion."""
EVERYWHERE = 6
"""Places of a check that names no region: UptimeCheckConfig.selectedRegions."""
UNSTATED = "60s"
"""The period of a check that names none: UptimeCheckConfig.period."""


def fetch(gcp: Reader) -> Iterator[Document | Then]:
    """Every uptime check of the project, and what they measured, where there is one."""
    found = False
    for probe in gcp.listing(PROBE):
        found = True
        yield gcp.document(PROBE, full_name("monitoring", probe["name"]), probe)
    if found:
        yield Then(measured, (), MEASURED.operation)


def measured(gcp: Reader) -> Iterator[Document]:
    """One number for each check that took place."""
    end = datetime.fromtimestamp(now() // MICROSECONDS, UTC)
    start = end - timedelta(days=DAYS)
    for series in gcp.listing(MEASURED, start=written(start), end=written(end)):
        yield gcp.document(MEASURED, measure_of(gcp.account, series["metric"]["labels"]["check_id"]), series)


def written(moment: datetime) -> str:
    """An instant in UTC as Google takes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def measure_of(project: str, check: str) -> str:
    """Uid of what one check measured."""
    return full_name("monitoring", f"projects/{project}/uptimeCheckConfigs/{check}/availability")


def shape(docs: Documents) -> Iterator[Fact]:
    """Two facts per check."""
    for probe in docs.of(PROBE):
        yield _measure(docs, probe)
        yield AvailabilityProbe(
            resource=docs.resource(
                "availability_probe", probe.uid, str(probe.body.get("displayName") or probe.body["name"]), "global"
            ),
            documents=docs.about(probe.uid),
            enabled=docs.field(PROBE, probe, lambda body: not body.get("disabled", False)),
            every_seconds=docs.field(PROBE, probe, lambda body: int(seconds(body.get("period", UNSTATED)))),
            places=docs.field(PROBE, probe, places),
        )


def _measure(docs: Documents, probe: Document) -> MeasuredAvailability:
    """What a check found.  One that a complete answer leaves out made no test in that time."""
    uid = measure_of(docs.account, last(str(probe.body["name"])))
    series = docs.get(MEASURED, uid)
    return MeasuredAvailability(
        resource=docs.resource(
            "measured_availability", uid, str(probe.body.get("displayName") or probe.body["name"]), "global"
        ),
        documents=docs.about(uid, probe),
        days=DAYS,
        percent=docs.complete(MEASURED, "global")
        if isinstance(series, Unread)
        else docs.field(MEASURED, series, percent),
    )


def percent(series: Body) -> float:
    """The one number of a series.  Raises ValueError for none or several, where one was asked for."""
    (point,) = series["points"]
    return 100.0 * float(point["value"]["doubleValue"])


def places(body: Body) -> int:
    """Number of places that the check is made from; a private one is made from inside the company's network."""
    if body.get("checkerType") == "VPC_CHECKERS":
        return 1
    regions = body.get("selectedRegions", ())
    return sum(PLACES.get(str(region), 1) for region in regions) or EVERYWHERE


COLLECTOR = Collector(
    id="gcp.uptime_checks",
    title="Uptime checks and what they measured",
    scope="global",
    kinds=(PROBE, MEASURED),
    emits={AvailabilityProbe: PROBE, MeasuredAvailability: PROBE},
    source="Cloud Monitoring API v3",
    fetch=fetch,
    shape=shape,
)
