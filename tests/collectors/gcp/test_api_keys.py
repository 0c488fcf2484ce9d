"""gcp.api_keys"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.documents import when
from collectors.facts.core import Reason, Unread
from collectors.facts.identity import AccessKey, ApiKey
from collectors.gcp.api_keys import COLLECTOR
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
LIST = f"apikeys/v2/projects/{PROJECT}/locations/global/keys"


def key(estate: GcpEstate, name: str, **body: Any) -> None:
    """A key as the console makes it: without any restriction."""
    made = {
        "name": f"projects/{PROJECT}/locations/global/keys/{name}",
        "displayName": name,
        "createTime": "2026-03-11T07:51:33.004789Z",
        **body,
    }
    estate.answers.setdefault(LIST, Listed("keys", [])).items.append(made)


def test_no_keys_are_a_complete_listing(read: Read, estate: GcpEstate) -> None:
    """Empty is proven."""
    estate.answers[LIST] = Listed("keys", [])

    reading = read(COLLECTOR)

    assert reading.facts(ApiKey) == []
    assert [listing.items for listing in reading.page.listings] == [0]


def test_restrictions_and_ages_are_told(read: Read, estate: GcpEstate) -> None:
    """By service and by caller; the last use is not told, which is not never."""
    key(estate, "open")
    key(
        estate,
        "tight",
        restrictions={
            "apiTargets": [{"service": "translate.googleapis.com"}],
            "serverKeyRestrictions": {"allowedIps": ["203.0.113.7"]},
        },
        deleteTime="2026-04-01T00:00:00Z",
    )

    reading = read(COLLECTOR)

    loose, tight = (reading.fact(ApiKey, name) for name in ("open", "tight"))
    assert (loose.services, loose.callers_limited) == ((), False)
    assert (tight.services, tight.callers_limited) == (("translate.googleapis.com",), True)
    ages = {fact.resource.name: fact for fact in reading.facts(AccessKey)}
    assert (ages["open"].active, ages["tight"].active) == (True, False)
    assert ages["open"].created == when("2026-03-11T07:51:33.004789Z")
    assert isinstance(ages["open"].last_used, Unread)
    assert ages["open"].resource == loose.resource


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: GcpEstate) -> None:
    """What the first page held is kept."""
    for name in ("a", "b", "c"):
        key(estate, name)
    estate.faults.append(Fault("&pageToken="))

    reading = read(COLLECTOR)

    assert len(reading.facts(ApiKey)) == 2
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.permission) == (Reason.PARTIAL_LISTING, "apikeys.keys.list")


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_keys_that_were_not_listed_are_a_gap(read: Read, estate: GcpEstate, kind: str) -> None:
    """Nobody knows whether there are any."""
    key(estate, "a")
    estate.faults.append(Fault("/keys", kind=kind))

    reading = read(COLLECTOR)

    assert reading.facts(ApiKey) == []
    assert [gap.listing for gap in reading.page.gaps] == [True]
    assert estate.writes == []
