"""collectors.azure.flexible_servers"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure import mysql_servers, postgresql_servers
from collectors.facts.core import Reason
from collectors.facts.stores import Database
from collectors.testing import Reading
from tests.collectors.azure.servers import mysql, postgresql

Read = Callable[[Collector], Reading]
Put = Callable[[AzureEstate, str], str]
MYSQL, POSTGRESQL = mysql_servers.COLLECTOR, postgresql_servers.COLLECTOR
KINDS = {MYSQL.id: "azure.mysql.server", POSTGRESQL.id: "azure.postgresql.server"}


@pytest.mark.parametrize("collector", [MYSQL, POSTGRESQL], ids=list(KINDS))
def test_a_subscription_without_servers_is_a_complete_listing(
    read: Read, estate: AzureEstate, collector: Collector
) -> None:
    """Empty is proven, not assumed."""
    reading = read(collector)

    assert reading.facts(Database) == []
    assert [(listing.kind, listing.items) for listing in reading.page.listings] == [(KINDS[collector.id], 0)]


@pytest.mark.parametrize(("collector", "put"), [(MYSQL, mysql), (POSTGRESQL, postgresql)], ids=list(KINDS))
def test_a_listing_that_breaks_off_is_not_complete(
    read: Read, estate: AzureEstate, collector: Collector, put: Put
) -> None:
    """The second page is refused."""
    for name in ("a", "b", "c"):
        put(estate, name)
    estate.faults.append(Fault(r"GET /.*/flexibleServers\?", after=1))

    reading = read(collector)

    assert [each.resource.name for each in reading.facts(Database)] == ["a", "b"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, KINDS[collector.id])
    assert estate.writes == []
