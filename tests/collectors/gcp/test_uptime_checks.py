"""gcp.uptime_checks"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.documents import when
from collectors.facts.availability import AvailabilityProbe, MeasuredAvailability
from collectors.facts.core import Reason, Unread
from collectors.gcp.uptime_checks import COLLECTOR, DAYS, MEASURED
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
LIST = f"monitoring/v3/projects/{PROJECT}/uptimeCheckConfigs"


def probe(estate: GcpEstate, name: str, **body: Any) -> None:
    """An uptime check."""
    made = {"name": f"projects/{PROJECT}/uptimeCheckConfigs/{name}", "displayName": name, "period": "300s", **body}
    estate.answers.setdefault(LIST, Listed("uptimeCheckConfigs", [])).items.append(made)


def test_no_checks_are_a_complete_listing(read: Read, estate: GcpEstate) -> None:
    """Empty is proven."""
    estate.answers[LIST] = Listed("uptimeCheckConfigs", [])

    reading = read(COLLECTOR)

    assert reading.facts(AvailabilityProbe) == []
    assert [listing.items for listing in reading.page.listings] == [0]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, (True, 300, 6)),
        ({"selectedRegions": ["USA"]}, (True, 300, 3)),
        ({"selectedRegions": ["USA_OREGON", "EUROPE"], "period": "60s"}, (True, 60, 2)),
        ({"disabled": True}, (False, 300, 6)),
        ({"checkerType": "VPC_CHECKERS"}, (True, 300, 1)),
    ],
)
def test_how_often_and_from_where(
    read: Read, estate: GcpEstate, body: dict[str, Any], told: tuple[bool, int, int]
) -> None:
    """A check that names no region is made from all of them."""
    probe(estate, "site", **body)

    fact = read(COLLECTOR).fact(AvailabilityProbe, "site")

    assert (fact.enabled, fact.every_seconds, fact.places) == told


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: GcpEstate, kind: str) -> None:
    """What the first page held is kept."""
    for name in ("a", "b", "c"):
        probe(estate, name)
    measure(estate)
    estate.faults.append(Fault("&pageToken=", kind=kind))

    reading = read(COLLECTOR)

    assert len(reading.facts(AvailabilityProbe)) == 2
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.permission) == (Reason.PARTIAL_LISTING, "monitoring.uptimeCheckConfigs.list")
    assert estate.writes == []


def measure(estate: GcpEstate, **shares: float) -> None:
    """What checks found, by their ids."""
    series = [
        {"metric": {"labels": {"check_id": name}}, "points": [{"value": {"doubleValue": share}}]}
        for name, share in shares.items()
    ]
    estate.answers[f"monitoring/v3/projects/{PROJECT}/timeSeries"] = Listed("timeSeries", series)


def test_the_measures_of_thirty_days(read: Read, estate: GcpEstate) -> None:
    """A check that a complete answer leaves out was never made in that time."""
    for name in ("shop", "legacy", "new"):
        probe(estate, name)
    measure(estate, shop=0.9995, legacy=0.5, gone=1.0)

    reading = read(COLLECTOR)

    found = {each.resource.name: each.percent for each in reading.facts(MeasuredAvailability)}
    assert found == {"shop": pytest.approx(99.95), "legacy": pytest.approx(50.0), "new": None}
    (call,) = [each for each in reading.page.calls if each.operation == MEASURED.operation]
    begun, ended = (when(call.parameters[name]) for name in ("start", "end"))
    assert (ended - begun).days == DAYS


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_measures_that_fail_leave_what_was_not_read_open(read: Read, estate: GcpEstate, kind: str) -> None:
    """The first page was read; whoever is not on it may be on the next.  The checks themselves are read."""
    for name in ("a", "b", "c"):
        probe(estate, name)
    measure(estate, a=1.0, b=1.0, c=1.0)
    estate.faults.append(Fault(r"GET .*/timeSeries", kind=kind, after=1))

    reading = read(COLLECTOR)

    found = {each.resource.name: each.percent for each in reading.facts(MeasuredAvailability)}
    assert (found["a"], found["b"]) == (100.0, 100.0)
    assert isinstance(found["c"], Unread)
    assert found["c"].permission == "monitoring.timeSeries.list"
    assert len(reading.facts(AvailabilityProbe)) == 3


def test_several_numbers_where_one_was_asked_for_are_unread(read: Read, estate: GcpEstate) -> None:
    """No one of them is the measure of the whole time."""
    probe(estate, "shop")
    measure(estate, shop=1.0)
    (series,) = estate.answers[f"monitoring/v3/projects/{PROJECT}/timeSeries"].items
    series["points"] *= 2

    assert isinstance(read(COLLECTOR).fact(MeasuredAvailability, "shop").percent, Unread)
