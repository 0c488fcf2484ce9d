"""aws.account_contacts"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.account_contacts import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.detection import SecurityContact
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]


def test_a_named_contact_counts_and_hears_no_alerts(read: Read, client: Client) -> None:
    """One mailbox; alerts of the security services are sent by the company's own rules."""
    client("account").put_alternate_contact(
        AlternateContactType="SECURITY",
        EmailAddress="security@example.com",
        Name="Security team",
        PhoneNumber="+49 30 000000",
        Title="Team",
    )

    (fact,) = read(COLLECTOR).facts(SecurityContact)

    assert (fact.mailboxes, fact.alerts_from, fact.tells_owners) == (1, None, None)


def test_an_account_without_one_says_so(read: Read) -> None:
    """AWS answers that there is none, which is an answer."""
    (fact,) = read(COLLECTOR).facts(SecurityContact)

    assert fact.mailboxes == 0
    assert [reference.kind for reference in fact.documents] == ["aws.account.alternate_contact"]


@pytest.mark.parametrize(("fault", "reason"), [("deny", Reason.PERMISSION_DENIED), ("garble", Reason.PARTIAL_LISTING)])
def test_a_lost_answer_is_unread(read: Read, faults: Faults, fault: str, reason: Reason) -> None:
    """Nobody knows whether there is a contact, and the permission is named."""
    getattr(faults, fault).add("account:POST /getAlternateContact")

    (fact,) = read(COLLECTOR).facts(SecurityContact)

    assert isinstance(fact.mailboxes, Unread)
    assert (fact.mailboxes.reason, fact.mailboxes.permission) == (reason, "account:GetAlternateContact")
