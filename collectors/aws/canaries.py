"""CloudWatch Synthetics canaries: programs that try a service again and again from one region."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.availability import AvailabilityProbe
from collectors.facts.core import Fact

CANARY = Kind(
    "aws.synthetics.canary",
    "synthetics",
    "DescribeCanaries",
    items="Canaries",
    volatile=("Timeline", "Status.StateReason", "Status.StateReasonCode"),
)

UNITS = {"minute": 60, "hour": 3600}
RATE = re.compile(r"rate\((\d+) (minute|hour)s?\)")
MINUTES = re.compile(r"cron\((?:\*/)(\d+) \* [*?] \* [*?](?: \*)?\)")
"""A schedule in the form of cron that runs every so many minutes, at any hour."""
DAY = 24 * 3600


def fetch(aws: Reader) -> Iterator[Document]:
    """Every canary of the region."""
    for canary in aws.listing(CANARY):
        yield aws.document(CANARY, aws.arn("synthetics", f"canary:{canary['Name']}"), canary)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per canary."""
    for canary in docs.of(CANARY):
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
    kinds=(CANARY,),
    emits={AvailabilityProbe: CANARY},
    source="Amazon CloudWatch Synthetics API 2017-10-11",
    fetch=fetch,
    shape=shape,
)
