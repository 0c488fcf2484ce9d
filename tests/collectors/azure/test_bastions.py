"""azure.bastions"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.bastions import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.network import MachineGateway
from collectors.testing import Reading

Read = Callable[[Collector], Reading]


def bastion(estate: AzureEstate, name: str, **said: Any) -> None:
    """A bastion."""
    estate.put(f"net/Microsoft.Network/bastionHosts/{name}", properties=said)


def test_a_subscription_without_bastions_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(MachineGateway) == []
    assert [listing.items for listing in reading.page.listings] == [0]


@pytest.mark.parametrize(
    ("said", "links"), [({}, False), ({"enableShareableLink": False}, False), ({"enableShareableLink": True}, True)]
)
def test_links_are_off_unless_they_are_on(read: Read, estate: AzureEstate, said: Any, links: bool) -> None:
    """A small bastion has none and leaves the setting out."""
    bastion(estate, "main", **said)

    assert read(COLLECTOR).fact(MachineGateway, "main").links is links


def test_a_word_that_is_neither_is_unread(read: Read, estate: AzureEstate) -> None:
    """It may mean anything."""
    bastion(estate, "odd", enableShareableLink="perhaps")

    assert isinstance(read(COLLECTOR).fact(MachineGateway, "odd").links, Unread)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_a_listing_that_fails_is_a_gap(read: Read, estate: AzureEstate, kind: str) -> None:
    """Named with operation and permission."""
    estate.faults.append(Fault(r"GET /.*/bastionHosts\?", kind=kind))

    (gap,) = read(COLLECTOR).page.gaps

    assert gap.listing
    assert gap.unread.permission == "Microsoft.Network/bastionHosts/read"


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """The second page is refused."""
    for name in ("a", "b", "c"):
        bastion(estate, name)
    estate.faults.append(Fault(r"GET /.*/bastionHosts\?", after=1))

    reading = read(COLLECTOR)

    assert len(reading.facts(MachineGateway)) == 2
    assert [gap.reason for gap in reading.page.gaps] == [Reason.PARTIAL_LISTING]
