"""What CloudWatch kept of probes: the share of tests that went well over the last days."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.availability import MeasuredAvailability
from collectors.reader import now

DAYS = 30
"""How far back measures are asked for; CloudWatch keeps those of a day for 15 months."""
DAY = 24 * 3600
MICROSECONDS = 1_000_000


def measured(name: str) -> Kind:
    """The kind of document that holds one measure of each probe; it is another one in every run."""
    return Kind(name, "cloudwatch", "GetMetricStatistics", volatile=("*",))


def fetch(
    aws: Reader, kind: Kind, uid: str, measure: tuple[str, str], dimension: tuple[str, str]
) -> Iterator[Document]:
    """One number of tests and their sum for each day.  `measure` is a namespace and a name."""
    until = now() // MICROSECONDS
    yield from aws.read(
        kind,
        uid,
        Namespace=measure[0],
        MetricName=measure[1],
        Dimensions=[{"Name": dimension[0], "Value": dimension[1]}],
        StartTime=until - DAYS * DAY,
        EndTime=until,
        Period=DAY,
        Statistics=["Sum", "SampleCount"],
    )


def availability(docs: Documents, probe: Document, kind: Kind, name: str, region: str) -> MeasuredAvailability:
    """What one probe found."""
    return MeasuredAvailability(
        resource=docs.resource("measured_availability", probe.uid, name, region),
        documents=docs.about(probe.uid),
        days=DAYS,
        percent=docs.value(kind, probe.uid, percent),
    )


def percent(body: Body) -> float | None:
    """The share of tests that went well, each of which is a measure from 0 to 100; None when none took place.

    Raises ValueError for a measure that cannot be one.
    """
    points = body["Datapoints"]
    tests = sum(float(point["SampleCount"]) for point in points)
    if not tests:
        return None
    share = sum(float(point["Sum"]) for point in points) / tests
    if not 0 <= share <= 100:  # noqa: PLR2004  # of a hundred
        raise ValueError(f"{share} is no share of a hundred")
    return share
