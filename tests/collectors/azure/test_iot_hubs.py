"""azure.iot_hubs"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.iot_hubs import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.detection import DeviceHub
from collectors.testing import Reading

Read = Callable[[Collector], Reading]


def hub(estate: AzureEstate, name: str) -> str:
    """A hub."""
    return estate.put(f"iot/Microsoft.Devices/iotHubs/{name}", properties={"state": "Active"})


def solution(estate: AzureEstate, name: str, *hubs: str, **said: Any) -> None:
    """A security solution over these hubs, enabled unless something else is said."""
    known = {"displayName": name, "iotHubs": list(hubs), "status": "Enabled"}
    estate.put(f"iot/Microsoft.Security/iotSecuritySolutions/{name}", properties={**known, **said})


def test_a_subscription_without_hubs_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Without hubs there is nothing to watch, with or without solutions."""
    solution(estate, "idle")

    reading = read(COLLECTOR)

    assert reading.facts(DeviceHub) == []
    assert {listing.kind: listing.items for listing in reading.page.listings} == {
        "azure.devices.iot_hub": 0,
        "azure.security.iot_solution": 1,
    }


def test_a_hub_is_watched_by_a_solution_that_is_on_and_names_it(read: Read, estate: AzureEstate) -> None:
    """One that is off, and one of another hub, do not count."""
    solution(estate, "on", hub(estate, "watched").upper())
    solution(estate, "off", hub(estate, "dark"), status="Disabled")
    hub(estate, "alone")

    found = {fact.resource.name: fact.protected for fact in read(COLLECTOR).facts(DeviceHub)}

    assert found == {"watched": True, "dark": False, "alone": False}


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_solutions_that_cannot_be_listed_leave_hubs_unread(read: Read, estate: AzureEstate, kind: str) -> None:
    """The gap names operation and permission."""
    solution(estate, "on", hub(estate, "watched"))
    estate.faults.append(Fault(r"GET /.*/iotSecuritySolutions\?", kind=kind))

    protected = read(COLLECTOR).fact(DeviceHub, "watched").protected

    assert isinstance(protected, Unread)
    assert protected.operation == "Microsoft.Security:iotSecuritySolutions"
    assert protected.permission == "Microsoft.Security/iotSecuritySolutions/read"


def test_a_garbled_solution_may_be_the_one(read: Read, estate: AzureEstate) -> None:
    """A hub that another one watches is known all the same."""
    solution(estate, "on", hub(estate, "watched"))
    estate.put("iot/Microsoft.Security/iotSecuritySolutions/broken", properties={})
    hub(estate, "alone")

    reading = read(COLLECTOR)

    assert reading.fact(DeviceHub, "watched").protected is True
    assert isinstance(reading.fact(DeviceHub, "alone").protected, Unread)


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """What the first page held is kept, and the population is not known."""
    for name in "abc":
        hub(estate, name)
    estate.faults.append(Fault(r"GET /.*/iotHubs\?", after=1))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(DeviceHub)] == ["a", "b"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "azure.devices.iot_hub")
    assert estate.writes == []
