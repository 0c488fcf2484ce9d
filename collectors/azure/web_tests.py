"""Availability tests of Application Insights, and what they measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors.api import Body, Collector, Document, Then
from collectors.azure.kinds import of_resource, of_subscription
from collectors.azure.resources import name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.availability import AvailabilityProbe, MeasuredAvailability
from collectors.facts.core import Fact

TYPE = "Microsoft.Insights/webtests"
VERSION = "2022-06-15"
METRICS_VERSION = "2018-01-01"
DAYS = 30
"""How far back measures are asked for; Azure keeps them for 93 days."""
SECONDS = 300
"""Time between two tests that do not say it: Application Insights, `Frequency`."""

TEST = of_subscription("azure.insights.web_test", TYPE, VERSION)
MEASURED = of_resource(
    "azure.insights.measured_availability",
    "Microsoft.Insights/metrics",
    METRICS_VERSION,
    below="providers/Microsoft.Insights/metrics"
    f"?metricnames=availabilityResults/availabilityPercentage&aggregation=Average&timespan=P{DAYS}D&interval=FULL",
    volatile=("*",),
)
LINK = "hidden-link:"
"""Begins the tag of a test that names the resource of Application Insights to which it reports."""
_REQUESTING = ("Configuration", "Request", "ValidationRules")
"""What a test sends and expects: no setting that anything rests on, and there can be passwords in it."""


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every test, and one measure for each resource that tests report to."""
    asked = set()
    for test in azure.listing(TEST):
        yield azure.document(TEST, uid_of(test), without_request(test))
        for component in components(test):
            if component not in asked:
                asked.add(component)
                yield Then(measured, (component,), f"{component}/{MEASURED.operation}")


def without_request(test: Body) -> dict[str, Any]:
    """A test without what it sends."""
    said = test.get("properties")
    if not isinstance(said, dict):
        return dict(test)
    return {**test, "properties": {key: value for key, value in said.items() if key not in _REQUESTING}}


def components(test: Body) -> tuple[str, ...]:
    """Uids of the resources of Application Insights that a test reports to: Azure writes them into its tags."""
    return tuple(str(tag)[len(LINK) :].lower() for tag in test.get("tags") or () if str(tag).lower().startswith(LINK))


def measured(azure: Reader, uid: str) -> Iterator[Document]:
    """The share of tests that went well, as one number."""
    yield from azure.read(MEASURED, uid, id=uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per test, and one per resource that they report to."""
    reported: dict[str, list[Document]] = {}
    for test in docs.of(TEST):
        yield AvailabilityProbe(
            resource=docs.resource("availability_probe", test.uid, name_of(test.body), place_of(test.body)),
            documents=docs.about(test.uid),
            enabled=docs.field(TEST, test, lambda body: bool(properties(body)["Enabled"])),
            every_seconds=docs.field(TEST, test, lambda body: int(properties(body).get("Frequency") or SECONDS)),
            places=docs.field(TEST, test, lambda body: len({each["Id"] for each in properties(body)["Locations"]})),
        )
        for component in components(test.body):
            reported.setdefault(component, []).append(test)
    for uid, tests in reported.items():
        yield MeasuredAvailability(
            resource=docs.resource("measured_availability", uid, uid.rpartition("/")[2], place_of(tests[0].body)),
            documents=docs.about(uid, *tests),
            days=DAYS,
            percent=docs.value(MEASURED, uid, percent),
        )


def percent(body: Body) -> float | None:
    """The one measure of an answer; None when nothing was measured in that time.  Raises ValueError for an error."""
    (metric,) = body["value"]
    if str(metric.get("errorCode") or "Success").lower() != "success":
        raise ValueError(f"the measure says {metric['errorCode']}")
    values = [point["average"] for series in metric["timeseries"] for point in series["data"] if "average" in point]
    if len(values) > 1:
        raise ValueError("several measures, where one was asked for")
    return float(values[0]) if values and values[0] is not None else None


COLLECTOR = Collector(
    id="azure.web_tests",
    title="Availability tests and measures",
    scope="global",
    kinds=(TEST, MEASURED),
    emits={AvailabilityProbe: TEST, MeasuredAvailability: TEST},
    source=f"Application Insights web tests {VERSION}; Azure Monitor metrics {METRICS_VERSION}",
    fetch=fetch,
    shape=shape,
)
