"""gcp.dns_zones"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.core import Reason, Unread
from collectors.facts.network import DnsZone
from collectors.facts.service_logs import UseLog
from collectors.gcp.dns_zones import COLLECTOR
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
LIST = f"dns/dns/v1/projects/{PROJECT}/managedZones"


def zone(estate: GcpEstate, name: str, **body: Any) -> None:
    """A public zone without DNSSEC."""
    made = {"name": name, "dnsName": f"{name}.example.", "visibility": "public", **body}
    estate.answers.setdefault(LIST, Listed("managedZones", [])).items.append(made)


def test_no_zones_are_a_complete_listing(read: Read, estate: GcpEstate) -> None:
    """Empty is proven."""
    estate.answers[LIST] = Listed("managedZones", [])

    reading = read(COLLECTOR)

    assert reading.facts(DnsZone) == []
    assert [listing.items for listing in reading.page.listings] == [0]


def test_signatures_and_their_algorithms_are_told(read: Read, estate: GcpEstate) -> None:
    """What a signed zone does not name is Google's default; a zone in a move counts as not signed."""
    specs = [
        {"algorithm": "rsasha1", "keyType": "keySigning"},
        {"algorithm": "ECDSAP256SHA256", "keyType": "zoneSigning"},
    ]
    zone(estate, "plain")
    zone(estate, "private", visibility="private")
    zone(estate, "named", dnssecConfig={"state": "on", "defaultKeySpecs": specs})
    zone(estate, "default", dnssecConfig={"state": "on"})
    zone(estate, "moving", dnssecConfig={"state": "transfer", "defaultKeySpecs": specs})
    zone(estate, "off", dnssecConfig={"state": "off", "defaultKeySpecs": specs})

    found = {fact.resource.name: fact for fact in read(COLLECTOR).facts(DnsZone)}

    assert {name: (fact.public, fact.signed) for name, fact in found.items()} == {
        "plain": (True, False),
        "private": (False, False),
        "named": (True, True),
        "default": (True, True),
        "moving": (True, False),
        "off": (True, False),
    }
    assert {name: (fact.key_signing, fact.zone_signing) for name, fact in found.items()} == {
        "plain": ((), ()),
        "private": ((), ()),
        "named": (("rsasha1",), ("ecdsap256sha256",)),
        "default": (("rsasha256",), ("rsasha256",)),
        "moving": (("rsasha1",), ("ecdsap256sha256",)),
        "off": ((), ()),
    }


def test_a_zone_that_is_garbled_is_unread_alone(read: Read, estate: GcpEstate) -> None:
    """The other one is known."""
    zone(estate, "bad", dnssecConfig={"state": "on", "defaultKeySpecs": [{"keyType": "keySigning"}]})
    zone(estate, "good")

    reading = read(COLLECTOR)

    assert isinstance(reading.fact(DnsZone, "bad").key_signing, Unread)
    assert reading.fact(DnsZone, "good").key_signing == ()


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: GcpEstate, kind: str) -> None:
    """What the first page held is kept."""
    for name in ("a", "b", "c"):
        zone(estate, name)
    estate.faults.append(Fault("&pageToken=", kind=kind))

    reading = read(COLLECTOR)

    assert len(reading.facts(DnsZone)) == 2
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.permission) == (Reason.PARTIAL_LISTING, "dns.managedZones.list")
    assert estate.writes == []


def test_public_zones_say_whether_queries_are_logged(read: Read, estate: GcpEstate) -> None:
    """They are not unless the zone says so, and private ones have no such log."""
    zone(estate, "told", cloudLoggingConfig={"enableLogging": True})
    zone(estate, "off", cloudLoggingConfig={"enableLogging": False})
    zone(estate, "bare")
    zone(estate, "inside", visibility="private", cloudLoggingConfig={"enableLogging": True})

    found = {log.resource.name: (log.what, log.kinds, log.kept) for log in read(COLLECTOR).facts(UseLog)}

    assert found == {
        "told": ("public zone", ("queries",), ("queries",)),
        "off": ("public zone", ("queries",), ()),
        "bare": ("public zone", ("queries",), ()),
    }
