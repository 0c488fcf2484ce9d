"""azure.event_hubs"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.endpoints import EVERYWHERE
from collectors.azure.event_hubs import COLLECTOR, NAMESPACE
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import DataEndpoint
from collectors.facts.stores import Stream
from collectors.testing import Reading

Read = Callable[[Collector], Reading]


def namespace(estate: AzureEstate, name: str, rules: dict[str, Any] | None = None, **said: Any) -> str:
    """A namespace with its network rules."""
    id_ = estate.put(f"prod/Microsoft.EventHub/namespaces/{name}", properties=said)
    estate.put(f"{id_}/networkRuleSets/default", properties={"defaultAction": "Allow", **(rules or {})})
    return id_


def hub(estate: AzureEstate, owner: str, name: str, **said: Any) -> None:
    """A hub that keeps a day, by the older setting."""
    estate.put(f"{owner}/eventhubs/{name}", properties={"messageRetentionInDays": 1, **said})


def test_a_subscription_without_namespaces_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(Stream) == []
    assert reading.facts(DataEndpoint) == []
    assert [(listing.kind, listing.items) for listing in reading.page.listings] == [(NAMESPACE.name, 0)]


def test_hubs_become_streams(read: Read, estate: AzureEstate) -> None:
    """The newer setting in hours goes before the older one in days."""
    id_ = namespace(estate, "acme")
    hub(estate, id_, "old")
    hub(estate, id_, "new", retentionDescription={"cleanupPolicy": "Delete", "retentionTimeInHours": 168})

    found = read(COLLECTOR).facts(Stream)

    assert [(each.resource.name, each.kept_hours, each.encrypted_at_rest) for each in found] == [
        ("acme/new", 168, True),
        ("acme/old", 24, True),
    ]


@pytest.mark.parametrize(
    ("said", "rules", "expected"),
    [
        ({}, {}, EVERYWHERE),
        ({"publicNetworkAccess": "Disabled"}, {}, ()),
        ({}, {"publicNetworkAccess": "Disabled"}, ()),
        ({}, {"defaultAction": "Deny", "ipRules": [{"ipMask": "203.0.113.0/28"}]}, ("203.0.113.0/28",)),
        ({}, {"defaultAction": "Deny", "virtualNetworkRules": [{"subnet": {"id": "/s"}}]}, ()),
        ({}, {"defaultAction": "Deny"}, EVERYWHERE),
        ({}, {"defaultAction": "Allow", "ipRules": [{"ipMask": "203.0.113.0/28"}]}, EVERYWHERE),
    ],
)
def test_who_may_connect(read: Read, estate: AzureEstate, said: Any, rules: Any, expected: tuple[str, ...]) -> None:
    """A refusal without any rule refuses nobody: Azure heeds it only beside one."""
    namespace(estate, "acme", rules, **said)

    assert read(COLLECTOR).fact(DataEndpoint, "acme").open_ranges == expected


def test_what_a_namespace_demands(read: Read, estate: AzureEstate) -> None:
    """One that says nothing of TLS takes the oldest."""
    connection = {"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}
    namespace(estate, "new", minimumTlsVersion="1.2", privateEndpointConnections=[connection])
    namespace(estate, "old")

    new, old = read(COLLECTOR).facts(DataEndpoint)

    assert (new.requires_tls, new.minimum_tls, new.private_endpoints, new.admits_provider) == (True, "1.2", 1, False)
    assert (old.minimum_tls, old.private_endpoints) == ("1.0", 0)


def test_refused_rules_leave_that_namespace_unread(read: Read, estate: AzureEstate) -> None:
    """A closed one needs no rules to say so, and the hubs do not either."""
    id_ = namespace(estate, "acme")
    hub(estate, id_, "all")
    namespace(estate, "closed", publicNetworkAccess="Disabled")
    estate.faults.append(Fault(r"GET /.*/networkRuleSets/"))

    reading = read(COLLECTOR)

    acme, closed = reading.facts(DataEndpoint)
    assert isinstance(acme.open_ranges, Unread)
    assert acme.open_ranges.permission == "Microsoft.EventHub/namespaces/networkRuleSets/read"
    assert (closed.open_ranges, reading.fact(Stream, "acme/all").kept_hours) == ((), 24)


def test_a_hub_that_says_nothing_is_unread(read: Read, estate: AzureEstate) -> None:
    """Neither setting is there."""
    id_ = namespace(estate, "acme")
    hub(estate, id_, "odd", messageRetentionInDays=None)

    assert isinstance(read(COLLECTOR).fact(Stream, "acme/odd").kept_hours, Unread)


def test_refused_hubs_leave_their_number_unknown(read: Read, estate: AzureEstate) -> None:
    """Of one namespace; those of the other are there."""
    for name in ("a", "b"):
        hub(estate, namespace(estate, name), "all")
    estate.faults.append(Fault(r"GET /.*/namespaces/a/eventhubs\?"))

    reading = read(COLLECTOR)

    assert [each.resource.name for each in reading.facts(Stream)] == ["b/all"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.listing) == (Reason.PERMISSION_DENIED, True)
    assert gap.unread.permission == "Microsoft.EventHub/namespaces/eventhubs/read"
