"""gcp.asset_inventory"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.core import Reason, Unread
from collectors.facts.detection import InventoryCount
from collectors.gcp.asset_inventory import COLLECTOR
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
FOUND = f"cloudasset/v1/projects/{PROJECT}:searchAllResources"


def test_resources_are_counted_over_all_pages(read: Read, estate: GcpEstate) -> None:
    """What is being deleted is left out.  The loopback Google answers each type alike."""
    states = ("", "ACTIVE", "DELETE_REQUESTED", "")
    estate.answers[FOUND] = Listed(
        "results", [{"name": str(number), "state": state} for number, state in enumerate(states)]
    )

    counts = {fact.counted_type: fact.counted for fact in read(COLLECTOR).facts(InventoryCount)}

    assert counts == {"log_store": 3, "network": 3, "object_store": 3}


def test_each_type_is_asked_for_by_itself(read: Read, estate: GcpEstate) -> None:
    """One that is refused leaves the others known."""
    estate.answers[FOUND] = Listed("results", [{"name": "x"}])
    estate.faults.append(Fault("assetTypes=storage.googleapis.com/Bucket"))

    reading = read(COLLECTOR)

    lost = reading.fact(InventoryCount, "object_store").counted
    assert isinstance(lost, Unread)
    assert lost.permission == "cloudasset.assets.searchAllResources"
    assert reading.fact(InventoryCount, "network").counted == 1


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_a_count_that_breaks_off_is_none(read: Read, estate: GcpEstate, kind: str) -> None:
    """Half of the resources are not their number."""
    estate.answers[FOUND] = Listed("results", [{"name": str(number)} for number in range(3)])
    estate.faults.append(Fault("&pageToken=", kind=kind))

    assert all(isinstance(fact.counted, Unread) for fact in read(COLLECTOR).facts(InventoryCount))


def test_an_inventory_that_is_off_counts_nothing(read: Read, estate: GcpEstate) -> None:
    """That is no zero."""
    estate.disabled.add("cloudasset")

    (lost,) = {fact.counted for fact in read(COLLECTOR).facts(InventoryCount)}

    assert isinstance(lost, Unread)
    assert lost.reason is Reason.SERVICE_UNSUPPORTED
