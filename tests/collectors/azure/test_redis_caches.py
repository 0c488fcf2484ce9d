"""azure.redis_caches"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.endpoints import EVERYWHERE
from collectors.azure.redis_caches import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import DataEndpoint
from collectors.testing import Reading

Read = Callable[[Collector], Reading]


def cache(estate: AzureEstate, name: str, **changed: Any) -> str:
    """A cache as the portal makes it."""
    said = {"enableNonSslPort": False, "minimumTlsVersion": "1.2", "publicNetworkAccess": "Enabled", **changed}
    return estate.put(f"data/Microsoft.Cache/redis/{name}", properties=said)


def test_a_subscription_without_caches_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(DataEndpoint) == []
    assert [listing.items for listing in reading.page.listings] == [0]


@pytest.mark.parametrize(
    ("changed", "tls", "version", "ranges"),
    [
        ({}, True, "1.2", EVERYWHERE),
        ({"enableNonSslPort": True}, False, "1.2", EVERYWHERE),
        ({"minimumTlsVersion": None}, True, None, EVERYWHERE),
        ({"publicNetworkAccess": "Disabled"}, True, "1.2", ()),
        ({"subnetId": "/subscriptions/s/subnet"}, True, "1.2", ()),
    ],
)
def test_how_a_cache_is_reached(
    read: Read,
    estate: AzureEstate,
    changed: dict[str, Any],
    tls: bool,
    version: str | None,
    ranges: tuple[str, ...],
) -> None:
    """Ports, versions and networks; without rules everything gets through."""
    cache(estate, "c", **changed)

    reached = read(COLLECTOR).fact(DataEndpoint, "c")

    assert (reached.requires_tls, reached.minimum_tls, reached.open_ranges) == (tls, version, ranges)


def test_the_rules_name_who_gets_through(read: Read, estate: AzureEstate) -> None:
    """One rule closes the cache to all others."""
    id_ = cache(estate, "c")
    estate.put(f"{id_}/firewallRules/office", properties={"startIP": "203.0.113.0", "endIP": "203.0.113.15"})

    assert read(COLLECTOR).fact(DataEndpoint, "c").open_ranges == ("203.0.113.0/28",)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_rules_that_cannot_be_read_are_unread_for_exactly_that_cache(
    read: Read, estate: AzureEstate, kind: str
) -> None:
    """One cache's rules are refused or garbled; the other one has none."""
    cache(estate, "one")
    cache(estate, "two")
    estate.faults.append(Fault(r"GET /.*/one/firewallRules\?", kind=kind))

    reading = read(COLLECTOR)

    ranges = reading.fact(DataEndpoint, "one").open_ranges
    assert isinstance(ranges, Unread)
    assert (ranges.operation, ranges.permission) == (
        "Microsoft.Cache:redis/firewallRules",
        "Microsoft.Cache/redis/firewallRules/read",
    )
    assert reading.fact(DataEndpoint, "two").open_ranges == EVERYWHERE


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """The second page is refused."""
    for name in ("a", "b", "c"):
        cache(estate, name)
    estate.faults.append(Fault(r"GET /.*/redis\?", after=1))

    reading = read(COLLECTOR)

    assert [each.resource.name for each in reading.facts(DataEndpoint)] == ["a", "b"]
    assert [gap.reason for gap in reading.page.gaps] == [Reason.PARTIAL_LISTING]
    assert reading.page.listings == []
