"""Uptime checks: how often and from how many places Google asks whether a service answers."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.documents import Documents
from collectors.facts.availability import AvailabilityProbe
from collectors.facts.core import Fact
from collectors.gcp.kinds import rest
from collectors.gcp.names import full_name, seconds
from collectors.gcp.session import Reader

PROBE = rest(
    "gcp.monitoring.uptime_check",
    "monitoring",
    "projects.uptimeCheckConfigs.list",
    "/v3/projects/{project}/uptimeCheckConfigs?pageSize=1000",
    permission="monitoring.uptimeCheckConfigs.list",
    items="uptimeCheckConfigs",
    omits_empty=True,
)
PLACES = {"USA": 3}
"""How many places a region stands for, where that is more than one: UptimeCheckRegion."""
EVERYWHERE = 6
"""Places of a check that names no region: UptimeCheckConfig.selectedRegions."""
UNSTATED = "60s"
"""The period of a check that names none: UptimeCheckConfig.period."""


def fetch(gcp: Reader) -> Iterator[Document]:
    """Every uptime check of the project."""
    for probe in gcp.listing(PROBE):
        yield gcp.document(PROBE, full_name("monitoring", probe["name"]), probe)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per check."""
    for probe in docs.of(PROBE):
        yield AvailabilityProbe(
            resource=docs.resource(
                "availability_probe", probe.uid, str(probe.body.get("displayName") or probe.body["name"]), "global"
            ),
            documents=docs.about(probe.uid),
            enabled=docs.field(PROBE, probe, lambda body: not body.get("disabled", False)),
            every_seconds=docs.field(PROBE, probe, lambda body: int(seconds(body.get("period", UNSTATED)))),
            places=docs.field(PROBE, probe, places),
        )


def places(body: Body) -> int:
    """Number of places that the check is made from; a private one is made from inside the company's network."""
    if body.get("checkerType") == "VPC_CHECKERS":
        return 1
    regions = body.get("selectedRegions", ())
    return sum(PLACES.get(str(region), 1) for region in regions) or EVERYWHERE


COLLECTOR = Collector(
    id="gcp.uptime_checks",
    title="Uptime checks",
    scope="global",
    kinds=(PROBE,),
    emits={AvailabilityProbe: PROBE},
    source="Cloud Monitoring API v3",
    fetch=fetch,
    shape=shape,
)
