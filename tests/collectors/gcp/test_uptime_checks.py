"""gcp.uptime_checks"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.availability import AvailabilityProbe
from collectors.facts.core import Reason
from collectors.gcp.uptime_checks import COLLECTOR
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
    estate.faults.append(Fault("&pageToken=", kind=kind))

    reading = read(COLLECTOR)

    assert len(reading.facts(AvailabilityProbe)) == 2
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.permission) == (Reason.PARTIAL_LISTING, "monitoring.uptimeCheckConfigs.list")
    assert estate.writes == []
