"""azure.security_alerts"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.demo.azure_loopback import SUBSCRIPTION, AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.security_alerts import ALERT, COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.detection import SecurityFinding
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
BASE = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Security"


def alert(estate: AzureEstate, name: str, **changed: Any) -> None:
    """A grave alert that waits."""
    said = {
        "alertDisplayName": "Odd sign-in",
        "alertType": "VM_X",
        "severity": "High",
        "status": "Active",
        "timeGeneratedUtc": "2026-02-23T13:47:58.1234567Z",
        "entities": [{"address": "192.0.2.1"}],
        **changed,
    }
    body = {"id": f"{BASE}/locations/westeurope/alerts/{name}", "name": name, "properties": said}
    estate.answers.setdefault(f"{BASE}/alerts".lower(), []).append(body)


def test_a_subscription_without_alerts_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(SecurityFinding) == []
    assert [listing.items for listing in reading.page.listings] == [0]


def test_an_alert_is_a_finding_until_somebody_settles_it(read: Read, estate: AzureEstate) -> None:
    """One that was put aside is muted; what Azure only informs of is of low severity."""
    alert(estate, "a")
    alert(estate, "b", status="InProgress", severity="Informational")
    alert(estate, "c", status="Dismissed", severity="Medium")
    alert(estate, "d", status="Resolved")

    found = read(COLLECTOR).facts(SecurityFinding)

    assert [(each.resource.name, each.severity, each.muted) for each in found] == [
        ("a", "high", False),
        ("b", "low", False),
        ("c", "medium", True),
    ]
    assert (found[0].what, found[0].opened) == ("Odd sign-in", datetime(2026, 2, 23, 13, 47, 58, 123456, UTC))


def test_what_an_alert_saw_is_not_kept(read: Read, estate: AzureEstate) -> None:
    """Addresses, names and commands stay at Azure."""
    alert(estate, "a")

    (document,) = read(COLLECTOR).documents.of(ALERT)

    assert "entities" not in document.body["properties"]


def test_words_that_nobody_knows_are_unread(read: Read, estate: AzureEstate) -> None:
    """An alert in an unknown state may be open, so it stays."""
    alert(estate, "a", status="Napping")
    alert(estate, "b", severity="Dire", timeGeneratedUtc="soon")

    one, other = read(COLLECTOR).facts(SecurityFinding)

    assert isinstance(one.muted, Unread)
    assert (one.severity, other.muted) == ("high", False)
    assert isinstance(other.severity, Unread)
    assert isinstance(other.opened, Unread)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_a_listing_that_fails_is_a_gap(read: Read, estate: AzureEstate, kind: str) -> None:
    """Named with operation and permission."""
    estate.faults.append(Fault(r"GET /.*/alerts\?", kind=kind))

    (gap,) = read(COLLECTOR).page.gaps

    assert gap.listing
    assert gap.unread.permission == "Microsoft.Security/alerts/read"


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """The second page is refused."""
    for name in ("a", "b", "c"):
        alert(estate, name)
    estate.faults.append(Fault(r"GET /.*/alerts\?", after=1))

    reading = read(COLLECTOR)

    assert len(reading.facts(SecurityFinding)) == 2
    assert [gap.reason for gap in reading.page.gaps] == [Reason.PARTIAL_LISTING]
