"""gcp.essential_contacts"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.core import Unread
from collectors.facts.detection import SecurityContact
from collectors.gcp.essential_contacts import COLLECTOR
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
LIST = f"essentialcontacts/v1/projects/{PROJECT}/contacts:compute"


@pytest.mark.parametrize(
    ("states", "mailboxes", "severity"),
    [((), 0, None), (("VALID", "VALID", "INVALID"), 2, "low"), (("INVALID",), 0, None)],
)
def test_contacts_are_counted(
    read: Read, estate: GcpEstate, states: tuple[str, ...], mailboxes: int, severity: str | None
) -> None:
    """Addresses that do not work are left out."""
    contacts = [{"email": f"{number}@example.com", "validationState": state} for number, state in enumerate(states)]
    estate.answers[LIST] = Listed("contacts", contacts)

    fact = read(COLLECTOR).fact(SecurityContact, PROJECT)

    assert (fact.mailboxes, fact.alerts_from, fact.tells_owners) == (mailboxes, severity, None)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_contacts_that_were_not_read_are_unread(read: Read, estate: GcpEstate, kind: str) -> None:
    """All three are."""
    estate.answers[LIST] = Listed("contacts", [{"email": "a@example.com"}])
    estate.faults.append(Fault("contacts:compute", kind=kind))

    fact = read(COLLECTOR).fact(SecurityContact, PROJECT)

    for lost in (fact.mailboxes, fact.alerts_from, fact.tells_owners):
        assert isinstance(lost, Unread)
        assert lost.permission == "essentialcontacts.contacts.list"
