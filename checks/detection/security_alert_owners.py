"""Whoever owns an account is told of security alerts in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide, not_applicable
from collectors.facts.detection import SecurityContact


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account."""
    for contact in facts.of(SecurityContact):
        if contact.tells_owners is None:
            yield not_applicable(contact, "the provider tells the contacts that were named, and owners in their place")
        else:
            yield decide(
                contact,
                contact.tells_owners,
                yes="owners of the account are told of security alerts",
                no="owners of the account are not told of security alerts",
            )


CHECK = Check(
    id="detection.security_alert_owners",
    title="Owners of an account are told of security alerts",
    criteria=(
        Criterion("CC7.3", PARTIAL, "those who answer for the account hear what happened in it"),
        Criterion("CC7.2", PARTIAL, "what detection found reaches those who can look into it"),
        Criterion("CC7.4", SUPPORTING, "those who can act at once are told"),
    ),
    severity="medium",
    needs=(SecurityContact,),
    remediation="Add owners to those who are told: on Azure, Microsoft Defender for Cloud, Environment settings, Email "
    "notifications, all users with the role Owner.",
    equivalents={"prowler": ("defender_ensure_notify_emails_to_owners",)},
    judge=judge,
)
