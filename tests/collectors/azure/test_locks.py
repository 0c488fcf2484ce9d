"""azure.locks"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.demo.azure_loopback import SUBSCRIPTION, AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.locks import COLLECTOR
from collectors.facts.core import Reason
from collectors.facts.detection import ResourceLock
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
SCOPE = f"/subscriptions/{SUBSCRIPTION}"
LOCKS = f"{SCOPE}/providers/Microsoft.Authorization/locks"


def locks(estate: AzureEstate, *scopes: str) -> None:
    """A lock on each scope, named by its number."""
    estate.answers[LOCKS.lower()] = [
        {
            "id": f"{scope}/providers/Microsoft.Authorization/locks/L{number}",
            "name": f"L{number}",
            "properties": {"level": "CanNotDelete"},
        }
        for number, scope in enumerate(scopes)
    ]


def test_a_subscription_without_locks_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(ResourceLock) == []
    assert [(listing.kind, listing.items) for listing in reading.page.listings] == [("azure.authorization.lock", 0)]


def test_a_lock_tells_what_it_is_on(read: Read, estate: AzureEstate) -> None:
    """The subscription, a group, or one resource."""
    workspace = f"{SCOPE}/resourceGroups/Logs/providers/Microsoft.OperationalInsights/workspaces/All"
    locks(estate, SCOPE, f"{SCOPE}/resourceGroups/Logs", workspace)

    found = {fact.resource.name: fact.scope for fact in read(COLLECTOR).facts(ResourceLock)}

    assert found == {"L0": SCOPE, "L1": f"{SCOPE}/resourcegroups/logs", "L2": workspace.lower()}


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate, kind: str) -> None:
    """What the first page held is kept, and the population is not known."""
    locks(estate, SCOPE, f"{SCOPE}/resourceGroups/a", f"{SCOPE}/resourceGroups/b")
    estate.faults.append(Fault(r"GET /.*/locks\?", kind=kind, after=1))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(ResourceLock)] == ["L0", "L1"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.operation, gap.permission) == (
        Reason.PARTIAL_LISTING,
        "Microsoft.Authorization:locks",
        "Microsoft.Authorization/locks/read",
    )
    assert reading.page.listings == []
    assert estate.writes == []
