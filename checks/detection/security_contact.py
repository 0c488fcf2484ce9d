"""The provider knows a mailbox for security events beside those of the account's owners."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.detection import SecurityContact


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account."""
    for contact in facts.of(SecurityContact):
        if isinstance(contact.mailboxes, Unread):
            yield unknown(contact, contact.mailboxes)
        elif contact.mailboxes > 0:
            yield passes(contact, f"mailboxes for security events: {contact.mailboxes}")
        else:
            yield fails(contact, "no mailbox for security events is named")


CHECK = Check(
    id="detection.security_contact",
    title="The provider knows a mailbox for security events",
    criteria=(
        Criterion("CC7.3", PARTIAL, "what the provider notices reaches those who judge it"),
        Criterion("CC7.4", SUPPORTING, "the team that responds hears from the provider directly"),
    ),
    severity="low",
    needs=(SecurityContact,),
    remediation="Name the mailbox of the security team as a contact: on Azure, Microsoft Defender for Cloud, "
    "Environment settings, Email notifications, additional email addresses; on Google Cloud, an essential contact for "
    "security, in the project or above; on AWS, the alternate contact of the account for security.",
    equivalents={
        "prowler": (
            "defender_additional_email_configured_with_a_security_contact",
            "iam_organization_essential_contacts_configured",
        ),
    },
    judge=judge,
)
