"""CloudWatch Synthetics canaries: programs that try a service again and again from one region, and what they found."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws import measured
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.availability import AvailabilityProbe, MeasuredAvailability
from collectors.facts.core import Fact

CANARY = Kind(
    "aws.synthetics.canary",
    "synthetics",
    "DescribeCanaries",
    items="Canaries",
    volatile=("Timeline", "Status.StateReason", "Status.StateReasonCode"),
)
MEASURED = measured.measured("aws.cloudwatch.canary_success")
SUCCESS = ("CloudWatchSynthetics", "SuccessPercent")

UNITS = {"minute": 60, "hour": 3600}
RATE = re.compile(r"rate\((\d+) (minute|hour)s?\)")
MINUTES = re.compile(r"cron\((?:\*/)(\d+) \* [*?] \* [*?](?: \*)?\)")
"""A schedule in the form of cron that runs every so many minutes, at any hour."""
DAY = 24 * 3600


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every canary of the region, and what each measured."""
    for canary in aws.listing(CANARY):
        uid = aws.arn("synthetics", f"canary:{canary['Name']}")
        yield aws.document(CANARY, uid, canary)
        yield Then(measured.fetch, (MEASURED, uid, SUCCESS, ("CanaryName", canary["Name"])), uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """Two facts per canary."""
    for canary in docs.of(CANARY):
        yield measured.availability(docs, canary, MEASURED, str(canary.body["Name"]), canary.region)
        yield AvailabilityProbe(
            resource=docs.resource("availability_probe", canary.uid, str(canary.body["Name"]), canary.region),
            documents=docs.about(canary.uid),
            enabled=docs.field(CANARY, canary, lambda body: bool(body["Status"]["State"] == "RUNNING")),
            every_seconds=docs.field(CANARY, canary, seconds),
            # It runs in its own region; copies elsewhere are told under the setting for several locations.
            places=docs.field(
                CANARY, canary, lambda body: 1 + len((body.get("MultiLocationConfig") or {}).get("Replicas") or ())
            ),
        )


def seconds(body: Body) -> int:
    """Time from one run to the next; a day for schedules that this does not work out, and for one run only."""
    expression = str(body["Schedule"]["Expression"])
    if found := RATE.fullmatch(expression):
        return int(found[1]) * UNITS[found[2]] or DAY
    found = MINUTES.fullmatch(expression)
    return int(found[1]) * UNITS["minute"] if found else DAY


COLLECTOR = Collector(
    id="aws.canaries",
    title="CloudWatch Synthetics canaries",
    scope="region",
    kinds=(CANARY, MEASURED),
    emits={AvailabilityProbe: CANARY, MeasuredAvailability: CANARY},
    source="Amazon CloudWatch Synthetics API 2017-10-11; Amazon CloudWatch API 2010-08-01",
    fetch=fetch,
    shape=shape,
)
