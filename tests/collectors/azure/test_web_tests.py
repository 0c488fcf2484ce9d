"""azure.web_tests"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.web_tests import COLLECTOR, TEST
from collectors.facts.availability import AvailabilityProbe, MeasuredAvailability
from collectors.facts.core import Reason, Unread
from collectors.testing import Reading

Read = Callable[[Collector], Reading]


def component(name: str) -> str:
    """The id of a resource of Application Insights."""
    return f"/subscriptions/s/resourceGroups/Ops/providers/Microsoft.Insights/components/{name}"


def web_test(estate: AzureEstate, name: str, *components: str, **said: Any) -> None:
    """A test that is on and asks from two places."""
    known = {"Enabled": True, "Frequency": 300, "Locations": [{"Id": "a"}, {"Id": "b"}], "Kind": "standard", **said}
    tags = {f"hidden-link:{each}": "Resource" for each in components}
    estate.put(f"ops/Microsoft.Insights/webtests/{name}", properties=known, tags=tags)


def measure(estate: AzureEstate, name: str, *points: dict[str, Any], **said: Any) -> None:
    """What was measured."""
    metric = {"errorCode": "Success", "timeseries": [{"metadatavalues": [], "data": list(points)}], **said}
    path = f"{component(name)}/providers/Microsoft.Insights/metrics"
    estate.answers[path.lower()] = {"timespan": "x", "interval": "P30D", "value": [metric]}


def test_a_subscription_without_tests_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed, and no measure is asked for."""
    reading = read(COLLECTOR)

    assert reading.facts(AvailabilityProbe) == []
    assert reading.facts(MeasuredAvailability) == []
    assert [listing.items for listing in reading.page.listings] == [0]
    assert reading.operations() == {"Microsoft.Insights:webtests"}


def test_tests_become_probes(read: Read, estate: AzureEstate) -> None:
    """A place that is named twice is one; a test that says no time asks every five minutes."""
    web_test(estate, "good")
    web_test(estate, "idle", Enabled=False, Frequency=None, Locations=[{"Id": "a"}, {"Id": "a"}])

    reading = read(COLLECTOR)

    found = {
        each.resource.name: (each.enabled, each.every_seconds, each.places) for each in reading.facts(AvailabilityProbe)
    }
    assert found == {"good": (True, 300, 2), "idle": (False, 300, 1)}


def test_what_a_test_sends_is_not_kept(read: Read, estate: AzureEstate) -> None:
    """There can be passwords in it."""
    web_test(
        estate, "it", Configuration={"WebTest": "<x>"}, Request={"Headers": [{"key": "Authorization", "value": "y"}]}
    )

    (document,) = read(COLLECTOR).documents.of(TEST)

    assert set(document.body["properties"]) == {"Enabled", "Frequency", "Locations", "Kind"}


@pytest.mark.parametrize(
    ("points", "expected"),
    [([{"timeStamp": "x", "average": 99.95}], 99.95), ([{"timeStamp": "x"}], None), ([], None)],
)
def test_the_measure_of_thirty_days(
    read: Read, estate: AzureEstate, points: list[dict[str, Any]], expected: float | None
) -> None:
    """One number, asked for once however many tests report there; nothing, where no test took place."""
    measure(estate, "shop", *points)
    web_test(estate, "a", component("Shop"))
    web_test(estate, "b", component("shop"))

    reading = read(COLLECTOR)

    measured = reading.fact(MeasuredAvailability, "shop")
    assert (measured.days, measured.percent) == (30, expected)
    path = f"GET {component('shop')}/providers/Microsoft.Insights/metrics".lower()
    assert {key.lower(): count for key, count in estate.calls.items()}[path] == 1


@pytest.mark.parametrize(
    "said",
    [
        {"errorCode": "QueryThrottled"},
        {"timeseries": [{"data": [{"average": 1.0}, {"average": 2.0}]}]},
        {"timeseries": None},
    ],
)
def test_a_measure_that_is_none_is_unread(read: Read, estate: AzureEstate, said: dict[str, Any]) -> None:
    """An error within a good answer, or more numbers than were asked for."""
    measure(estate, "shop", **said)
    web_test(estate, "it", component("shop"))

    assert isinstance(read(COLLECTOR).fact(MeasuredAvailability, "shop").percent, Unread)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_a_measure_that_cannot_be_read_is_a_gap_for_exactly_that_resource(
    read: Read, estate: AzureEstate, kind: str
) -> None:
    """The test itself, and what others measured, are known."""
    for name in ("shop", "api"):
        measure(estate, name, {"average": 100.0})
        web_test(estate, name, component(name))
    estate.faults.append(Fault(r"GET /.*/components/shop/", kind=kind))

    reading = read(COLLECTOR)

    percent = reading.fact(MeasuredAvailability, "shop").percent
    assert isinstance(percent, Unread)
    assert percent.operation == "Microsoft.Insights:metrics"
    assert percent.permission == "Microsoft.Insights/metrics/read"
    assert reading.fact(AvailabilityProbe, "shop").enabled is True
    assert reading.fact(MeasuredAvailability, "api").percent == 100.0


def test_a_garbled_test_is_unread_by_itself(read: Read, estate: AzureEstate) -> None:
    """Its neighbor is known."""
    estate.put("ops/Microsoft.Insights/webtests/odd", properties={})
    web_test(estate, "good")

    reading = read(COLLECTOR)

    odd = reading.fact(AvailabilityProbe, "odd")
    assert isinstance(odd.enabled, Unread)
    assert isinstance(odd.places, Unread)
    assert reading.fact(AvailabilityProbe, "good").enabled is True


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """What the first page held is kept, and the population is not known."""
    for name in "abc":
        web_test(estate, name)
    estate.faults.append(Fault(r"GET /.*/webtests\?", after=1))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(AvailabilityProbe)] == ["a", "b"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "azure.insights.web_test")
    assert estate.writes == []
