"""The accounts of an organization are held to limits that they cannot lift themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes
from checks.organization import in_charge
from collectors.facts.organization import Organization


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account; one that manages no organization limits nobody."""
    yield from in_charge(facts, lambda organization: organization.limits, _decide)


def _decide(organization: Organization, limits: tuple[str, ...]) -> Finding:
    if limits:
        return passes(organization, f"policies limit accounts: {', '.join(limits)}")
    return fails(organization, "no policy limits what administrators of an account can do")


CHECK = Check(
    id="identity.organization_limits",
    title="Accounts are held to limits of the organization",
    criteria=(
        Criterion("CC6.1", PARTIAL, "even an administrator cannot do in an account what the organization rules out"),
        Criterion("CC5.2", SUPPORTING, "one rule holds for every account, new ones too"),
    ),
    severity="medium",
    needs=(Organization,),
    remediation="Write a service control policy that denies what no account may do, such as leaving the organization, "
    "stopping its trail or using regions that you do not need, and attach it to the root or to organizational units.",
    equivalents={},
    judge=judge,
)
