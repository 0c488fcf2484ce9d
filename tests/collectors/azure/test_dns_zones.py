"""azure.dns_zones"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.dns_zones import COLLECTOR, SIGNING, ZONE
from collectors.facts.core import Reason, Unread
from collectors.facts.network import DnsZone
from collectors.testing import Reading

Read = Callable[[Collector], Reading]


def zone(estate: AzureEstate, name: str, *keys: tuple[int, int], **said: Any) -> str:
    """A zone with keys, each as its flags and the number of its algorithm."""
    id_ = estate.put(f"net/Microsoft.Network/dnsZones/{name}", properties={"numberOfRecordSets": 2, **said})
    if keys:
        listed = [{"flags": flags, "securityAlgorithmType": number, "protocol": 3} for flags, number in keys]
        estate.put(f"{id_}/dnssecConfigs/default", properties={"signingKeys": listed})
    return id_


def test_a_subscription_without_zones_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed, and nothing more is asked."""
    reading = read(COLLECTOR)

    assert reading.facts(DnsZone) == []
    assert [listing.items for listing in reading.page.listings] == [0]
    assert reading.operations() == {ZONE.call}


def test_a_signed_zone_names_its_algorithms(read: Read, estate: AzureEstate) -> None:
    """Keys that sign keys are told from those that sign answers by their flags."""
    id_ = zone(estate, "acme.example", (257, 13), (256, 13), (256, 7))

    found = read(COLLECTOR).fact(DnsZone, "acme.example")

    assert (found.resource.uid, found.public, found.signed) == (id_.lower(), True, True)
    assert (found.key_signing, found.zone_signing) == (("ecdsap256sha256",), ("ecdsap256sha256", "rsasha1"))


def test_a_zone_that_was_never_signed_is_not_signed(read: Read, estate: AzureEstate) -> None:
    """Azure's answer that there is no such thing is an answer, and no gap."""
    zone(estate, "bare.example", zoneType="Private")

    reading = read(COLLECTOR)

    found = reading.fact(DnsZone, "bare.example")
    assert (found.public, found.signed, found.key_signing, found.zone_signing) == (False, False, (), ())
    assert reading.page.gaps == []


def test_a_number_that_nobody_assigned_is_unread(read: Read, estate: AzureEstate) -> None:
    """The zone is signed all the same."""
    zone(estate, "odd.example", (257, 200), (256, 13))

    found = read(COLLECTOR).fact(DnsZone, "odd.example")

    assert (found.signed, found.zone_signing) == (True, ("ecdsap256sha256",))
    assert isinstance(found.key_signing, Unread)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_a_refused_setting_leaves_that_zone_unread(read: Read, estate: AzureEstate, kind: str) -> None:
    """And no other; the gap names operation and permission."""
    for name in ("a.example", "b.example"):
        zone(estate, name, (257, 13), (256, 13))
    estate.faults.append(Fault(r"GET /.*/a\.example/dnssecConfigs/", kind=kind))

    reading = read(COLLECTOR)

    one, other = reading.facts(DnsZone)
    assert isinstance(one.signed, Unread)
    assert (one.signed.operation, one.signed.permission) == (
        SIGNING.call,
        "Microsoft.Network/dnsZones/dnssecConfigs/read",
    )
    assert (one.public, other.signed) == (True, True)


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """The second page is refused."""
    for name in ("a.example", "b.example", "c.example"):
        zone(estate, name)
    estate.faults.append(Fault(r"GET /.*/dnsZones\?", after=1))

    reading = read(COLLECTOR)

    assert len(reading.facts(DnsZone)) == 2
    assert [gap.reason for gap in reading.page.gaps] == [Reason.PARTIAL_LISTING]
    assert reading.page.listings == []
