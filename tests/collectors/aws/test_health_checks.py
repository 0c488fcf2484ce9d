"""aws.health_checks and aws.canaries"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws import canaries
from collectors.aws.health_checks import COLLECTOR, PROBE
from collectors.aws.measured import percent
from collectors.facts.availability import AvailabilityProbe, MeasuredAvailability
from collectors.facts.core import Unread
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]


def make(client: Client, name: str, **config: Any) -> None:
    """A health check that asks `name` by HTTPS."""
    said = {"Type": "HTTPS", "FullyQualifiedDomainName": name, "Port": 443, **config}
    client("route53").create_health_check(CallerReference=name, HealthCheckConfig=said)


def test_settings_become_facts(read: Read, client: Client) -> None:
    """How often, from how many places, and on unless it was switched off."""
    make(client, "a.example", RequestInterval=10, Regions=["us-east-1", "eu-west-1", "sa-east-1"])
    make(client, "b.example", Disabled=True)

    first, second = read(COLLECTOR).facts(AvailabilityProbe)

    assert (first.enabled, first.every_seconds, first.places) == (True, 10, 3)
    assert (second.enabled, second.every_seconds, second.places) == (False, 30, 8)


def test_a_check_that_asks_nothing_is_no_probe(read: Read, client: Client) -> None:
    """One that sums up others asks no address."""
    client("route53").create_health_check(
        CallerReference="sum", HealthCheckConfig={"Type": "CALCULATED", "ChildHealthChecks": [], "HealthThreshold": 1}
    )

    reading = read(COLLECTOR)

    assert reading.facts(AvailabilityProbe) == []
    assert len(list(reading.documents.of(PROBE))) == 1


@pytest.mark.parametrize("fault", ["deny", "break_down"])
def test_a_lost_listing_leaves_the_population_unknown(read: Read, faults: Faults, fault: str) -> None:
    """Without the list there may be a probe or none."""
    getattr(faults, fault).add("route53:GET /2013-04-01/healthcheck")

    unlisted = read(COLLECTOR).documents.complete(PROBE, "global")

    assert unlisted is not None
    assert unlisted.permission == "route53:ListHealthChecks"


def test_no_checks_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    assert read(COLLECTOR).documents.complete(PROBE, "global") is None


def canary(client: Client, name: str, expression: str) -> None:
    """A canary that has been created and not started."""
    client("synthetics").create_canary(
        Name=name,
        Code={"Handler": "index.handler", "ZipFile": b"x"},
        ArtifactS3Location="s3://runs",
        ExecutionRoleArn="arn:aws:iam::123456789012:role/canary",
        Schedule={"Expression": expression},
        RuntimeVersion="syn-nodejs-puppeteer-9.1",
    )


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [
        ("rate(1 minute)", 60),
        ("rate(5 minutes)", 300),
        ("rate(1 hour)", 3600),
        ("cron(*/15 * * * ? *)", 900),
        ("rate(0 minute)", 86400),
        ("cron(0 8 ? * MON *)", 86400),
    ],
)
def test_a_canary_runs_by_its_schedule(read: Read, client: Client, expression: str, seconds: int) -> None:
    """What this does not work out counts as once a day; a run that is asked for once, too."""
    canary(client, "shop", expression)

    (probe,) = read(canaries.COLLECTOR).facts(AvailabilityProbe)

    assert (probe.every_seconds, probe.places) == (seconds, 1)
    assert probe.resource.uid == "arn:aws:synthetics:us-east-1:123456789012:canary:shop"


def test_denied_canaries_leave_the_population_unknown(read: Read, faults: Faults) -> None:
    """The permission is named."""
    faults.deny.add("synthetics:POST /canaries")

    unlisted = read(canaries.COLLECTOR).documents.complete(canaries.CANARY, "us-east-1")

    assert unlisted is not None
    assert unlisted.permission == "synthetics:DescribeCanaries"


def measure(client: Client, namespace: str, name: str, dimension: dict[str, str], *values: tuple[int, float]) -> None:
    """Put measures so many days back."""
    at = datetime.now(UTC)
    data = [
        {"MetricName": name, "Dimensions": [dimension], "Value": value, "Timestamp": at - timedelta(days=days, hours=1)}
        for days, value in values
    ]
    client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=data)


def test_what_a_health_check_found_over_a_month_is_one_share(read: Read, client: Client) -> None:
    """Each test weighs the same whatever its day, older ones do not count, and nor do those of another check."""
    make(client, "a.example")
    make(client, "b.example")
    ids = [each["Id"] for each in client("route53").list_health_checks()["HealthChecks"]]
    mine, other = ({"Name": "HealthCheckId", "Value": each} for each in ids)
    values = ((0, 100.0), (0, 100.0), (0, 100.0), (9, 0.0), (60, 0.0))
    measure(client, "AWS/Route53", "HealthCheckPercentageHealthy", mine, *values)
    measure(client, "AWS/Route53", "HealthCheckPercentageHealthy", other, (1, 100.0))

    found = {each.resource.name: (each.days, each.percent) for each in read(COLLECTOR).facts(MeasuredAvailability)}

    assert found == {"a.example": (30, 75.0), "b.example": (30, 100.0)}


def test_a_canary_that_never_ran_measured_nothing(read: Read, client: Client) -> None:
    """Neither good nor bad; one that ran has a share."""
    canary(client, "shop", "rate(1 minute)")
    canary(client, "idle", "rate(1 minute)")
    name = {"Name": "CanaryName", "Value": "shop"}
    measure(client, "CloudWatchSynthetics", "SuccessPercent", name, (0, 100.0), (1, 50.0))

    found = {each.resource.name: each.percent for each in read(canaries.COLLECTOR).facts(MeasuredAvailability)}

    assert found == {"shop": 75.0, "idle": None}


def test_denied_measures_are_unread_and_probes_are_known(read: Read, client: Client, faults: Faults) -> None:
    """The permission is named."""
    make(client, "a.example")
    faults.deny.add("monitoring:GetMetricStatistics")

    reading = read(COLLECTOR)
    (found,) = reading.facts(MeasuredAvailability)

    assert isinstance(found.percent, Unread)
    assert found.percent.permission == "cloudwatch:GetMetricStatistics"
    assert [each.enabled for each in reading.facts(AvailabilityProbe)] == [True]


@pytest.mark.parametrize("value", [101.0, -1.0])
def test_more_than_everything_is_no_share(value: float) -> None:
    """A measure of something else is malformed."""
    with pytest.raises(ValueError, match="no share"):
        percent({"Datapoints": [{"SampleCount": 1.0, "Sum": value}]})
