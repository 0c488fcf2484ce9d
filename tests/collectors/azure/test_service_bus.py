"""azure.service_bus"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.service_bus import COLLECTOR, PROVIDERS_KEY
from collectors.facts.core import Reason, Unread
from collectors.facts.processing import UnattendedWork
from collectors.facts.stores import Queue, Topic
from collectors.testing import Reading

Read = Callable[[Collector], Reading]


def namespace(estate: AzureEstate, name: str, tier: str = "Standard", **said: Any) -> None:
    """A namespace."""
    estate.put(f"data/Microsoft.ServiceBus/namespaces/{name}", sku={"name": tier}, properties=said)


def test_a_subscription_without_namespaces_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(Queue) == []
    assert [listing.items for listing in reading.page.listings] == [0]


def test_namespaces_become_queues_and_topics(read: Read, estate: AzureEstate) -> None:
    """With whose key messages are encrypted; the basic tier has no topics."""
    key = {"keyVaultUri": "https://Keys.vault.azure.net/", "keyName": "Bus"}
    namespace(estate, "own", "Premium", encryption={"keyVaultProperties": [key]})
    namespace(estate, "plain")
    namespace(estate, "small", "Basic")

    reading = read(COLLECTOR)

    queues = {each.resource.name: (each.encrypted_at_rest, each.customer_key) for each in reading.facts(Queue)}
    assert queues == {
        "own": (True, "https://keys.vault.azure.net/keys/bus"),
        "plain": (True, None),
        "small": (True, None),
    }
    topics = {each.resource.name: each.encryption_key for each in reading.facts(Topic)}
    assert topics == {"own": "https://keys.vault.azure.net/keys/bus", "plain": PROVIDERS_KEY}


def test_a_key_without_a_name_is_unread(read: Read, estate: AzureEstate) -> None:
    """A malformed answer is neither a key nor none."""
    namespace(estate, "odd", encryption={"keyVaultProperties": [{"keyVaultUri": "https://v"}]})

    assert isinstance(read(COLLECTOR).fact(Queue, "odd").customer_key, Unread)


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """The second page is refused."""
    for name in ("a", "b", "c"):
        namespace(estate, name)
    estate.faults.append(Fault(r"GET /.*/namespaces\?", after=1))

    reading = read(COLLECTOR)

    assert [each.resource.name for each in reading.facts(Queue)] == ["a", "b"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.unread.permission) == (Reason.PARTIAL_LISTING, "Microsoft.ServiceBus/namespaces/read")


def test_failed_messages_have_a_place_in_every_namespace(read: Read, estate: AzureEstate) -> None:
    """The service keeps one for each queue, and counts what is in all of them."""
    namespace(estate, "Bus")

    work = read(COLLECTOR).fact(UnattendedWork, "Bus")

    assert (work.failures_kept, work.takes_failures, work.events) == (True, False, ())
    assert work.measures == (f"deadletteredmessages {work.resource.uid}",)
    assert work.resource.uid == work.resource.uid.lower()
