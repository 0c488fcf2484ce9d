"""azure.security_contacts"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import SUBSCRIPTION, AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.security_contacts import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.detection import SecurityContact
from collectors.testing import Reading

Read = Callable[[Collector], Reading]


def contact(estate: AzureEstate, name: str = "default", **said: Any) -> None:
    """A contact."""
    estate.put(f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Security/securityContacts/{name}", properties=said)


def read_one(read: Read) -> SecurityContact:
    """The one fact of the subscription."""
    (found,) = read(COLLECTOR).facts(SecurityContact)
    return found


def test_a_subscription_without_contacts_tells_nobody(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    fact = read_one(read)

    assert (fact.mailboxes, fact.alerts_from, fact.tells_owners) == (0, None, False)
    assert fact.resource.uid == f"/subscriptions/{SUBSCRIPTION}"


def test_all_contacts_count_together(read: Read, estate: AzureEstate) -> None:
    """Mailboxes once each, the lowest severity, and any role of an owner."""
    contact(
        estate,
        emails="a@example.com; B@example.com;",
        alertNotifications={"state": "On", "minimalSeverity": "High"},
        notificationsByRole={"state": "On", "roles": ["Contributor"]},
    )
    contact(
        estate,
        "second",
        emails="b@example.com",
        alertNotifications={"state": "On", "minimalSeverity": "Low"},
        notificationsByRole={"state": "On", "roles": ["Owner"]},
    )

    fact = read_one(read)

    assert (fact.mailboxes, fact.alerts_from, fact.tells_owners) == (2, "low", True)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"emails": "", "alertNotifications": {"state": "Off", "minimalSeverity": "Low"}},
        {"emails": None, "notificationsByRole": {"state": "Off", "roles": ["Owner"]}},
        {"notificationsByRole": {"state": "On", "roles": []}},
    ],
)
def test_a_contact_that_is_set_to_nothing_tells_nobody(read: Read, estate: AzureEstate, said: dict[str, Any]) -> None:
    """Azure lists a contact even before anything is set."""
    contact(estate, **said)

    fact = read_one(read)

    assert (fact.mailboxes, fact.alerts_from, fact.tells_owners) == (0, None, False)


@pytest.mark.parametrize(
    "said",
    [
        {"alertNotifications": {"state": "On", "minimalSeverity": "Grave"}},
        {"alertNotifications": {"state": "On"}},
        {"alertNotifications": {"state": "Sometimes"}},
        {"notificationsByRole": {"state": "On"}},
    ],
)
def test_a_garbled_contact_is_unread(read: Read, estate: AzureEstate, said: dict[str, Any]) -> None:
    """A word that nobody knows is neither on nor off."""
    contact(estate, **said)

    fact = read_one(read)

    assert isinstance(fact.alerts_from, Unread)
    assert isinstance(fact.tells_owners, Unread)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_contacts_that_cannot_be_listed_are_unread(read: Read, estate: AzureEstate, kind: str) -> None:
    """The gap names operation and permission."""
    contact(estate, emails="a@example.com")
    estate.faults.append(Fault(r"GET /.*/securityContacts\?", kind=kind))

    fact = read_one(read)

    assert isinstance(fact.mailboxes, Unread)
    assert fact.mailboxes.operation == "Microsoft.Security:securityContacts"
    assert fact.mailboxes.permission == "Microsoft.Security/securityContacts/read"


def test_a_listing_that_breaks_off_is_unread(read: Read, estate: AzureEstate) -> None:
    """The rest may tell more people."""
    for name in "abc":
        contact(estate, name, emails=f"{name}@example.com")
    estate.faults.append(Fault(r"GET /.*/securityContacts\?", after=1))

    fact = read_one(read)

    assert isinstance(fact.mailboxes, Unread)
    assert fact.mailboxes.reason is Reason.PARTIAL_LISTING
    assert estate.writes == []
