"""azure.image_galleries"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.image_galleries import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import Sharing
from collectors.testing import Reading

Read = Callable[[Collector], Reading]


def gallery(estate: AzureEstate, name: str, **said: Any) -> str:
    """A gallery."""
    return estate.put(f"prod/Microsoft.Compute/galleries/{name}", properties=said)


def test_a_subscription_without_galleries_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(Sharing) == []
    assert [listing.items for listing in reading.page.listings] == [0]


@pytest.mark.parametrize(
    ("said", "everybody"),
    [
        ({}, False),
        ({"sharingProfile": {"permissions": "Private"}}, False),
        ({"sharingProfile": {"permissions": "Groups"}}, False),
        ({"sharingProfile": {"permissions": "Community"}}, True),
    ],
)
def test_only_the_community_is_everybody(read: Read, estate: AzureEstate, said: Any, everybody: bool) -> None:
    """Groups are named subscriptions and tenants; a gallery that says nothing is private."""
    id_ = gallery(estate, "acme", **said)

    found = read(COLLECTOR).fact(Sharing, "acme")

    assert (found.resource.uid, found.what, found.everybody) == (id_.lower(), "image gallery", everybody)


def test_a_word_that_nobody_knows_is_unread(read: Read, estate: AzureEstate) -> None:
    """It may mean anything."""
    gallery(estate, "odd", sharingProfile={"permissions": "Friends"})

    assert isinstance(read(COLLECTOR).fact(Sharing, "odd").everybody, Unread)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_a_listing_that_fails_is_a_gap(read: Read, estate: AzureEstate, kind: str) -> None:
    """Named with operation and permission."""
    estate.faults.append(Fault(r"GET /.*/galleries\?", kind=kind))

    (gap,) = read(COLLECTOR).page.gaps

    assert gap.listing
    assert gap.unread.permission == "Microsoft.Compute/galleries/read"


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """The second page is refused."""
    for name in ("a", "b", "c"):
        gallery(estate, name)
    estate.faults.append(Fault(r"GET /.*/galleries\?", after=1))

    reading = read(COLLECTOR)

    assert [each.resource.name for each in reading.facts(Sharing)] == ["a", "b"]
    assert [gap.reason for gap in reading.page.gaps] == [Reason.PARTIAL_LISTING]
