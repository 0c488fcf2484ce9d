"""Route 53 health checks that ask an address from many places in the world, and what they found."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws import measured
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.availability import AvailabilityProbe, MeasuredAvailability
from collectors.facts.core import Fact

PROBE = Kind("aws.route53.health_check", "route53", "ListHealthChecks", items="HealthChecks")
MEASURED = measured.measured("aws.cloudwatch.health_check_success")
HEALTHY = ("AWS/Route53", "HealthCheckPercentageHealthy")
"""Share of the places that found the address in good health, minute by minute."""

ASKS = frozenset({"HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP"})
"""Types that ask an address.  The others work out what other checks, alarms and switches say."""
UNSTATED_SECONDS = 30
"""How often a check asks when nothing else was set: HealthCheckConfig, `RequestInterval`."""
ALL_PLACES = 8
"""From where a check asks when no regions were chosen: HealthCheckConfig, `Regions`."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every health check of the account, and what those measured that ask an address."""
    for probe in aws.listing(PROBE):
        uid = f"arn:{aws.partition}:route53:::healthcheck/{probe['Id']}"
        yield aws.document(PROBE, uid, probe)
        if probe["HealthCheckConfig"]["Type"] in ASKS:
            # Route 53 keeps its measures in the region that answers for the whole account.
            yield Then(measured.fetch, (MEASURED, uid, HEALTHY, ("HealthCheckId", probe["Id"])), uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """Two facts per check that asks an address."""
    for probe in docs.of(PROBE):
        config = probe.body["HealthCheckConfig"]
        if config["Type"] in ASKS:
            name = config.get("FullyQualifiedDomainName") or config.get("IPAddress") or probe.body["Id"]
            yield measured.availability(docs, probe, MEASURED, str(name), "global")
            yield AvailabilityProbe(
                resource=docs.resource("availability_probe", probe.uid, str(name), "global"),
                documents=docs.about(probe.uid),
                # It is on unless it was switched off: HealthCheckConfig, `Disabled`.
                enabled=not config.get("Disabled", False),
                every_seconds=docs.field(PROBE, probe, seconds),
                places=docs.field(PROBE, probe, places),
            )


def seconds(body: Body) -> int:
    """Time from one test to the next, at each place."""
    return int(body["HealthCheckConfig"].get("RequestInterval", UNSTATED_SECONDS))


def places(body: Body) -> int:
    """Number of places that were chosen, or all."""
    return len(body["HealthCheckConfig"].get("Regions") or ()) or ALL_PLACES


COLLECTOR = Collector(
    id="aws.health_checks",
    title="Route 53 health checks",
    scope="global",
    kinds=(PROBE, MEASURED),
    emits={AvailabilityProbe: PROBE, MeasuredAvailability: PROBE},
    source="Amazon Route 53 API 2013-04-01; Amazon CloudWatch API 2010-08-01",
    fetch=fetch,
    shape=shape,
)
