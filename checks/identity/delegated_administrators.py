"""Only approved accounts administer services for the whole organization."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Param, Params, fails, passes
from checks.organization import in_charge
from checks.thresholds import names
from collectors.facts.organization import Organization


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account; one that manages no organization delegates nothing."""
    approved = set(names(params, "approved"))

    def decide(organization: Organization, administrators: tuple[str, ...]) -> Finding:
        strangers = [each for each in administrators if each not in approved]
        if strangers:
            said = ", ".join(strangers)
            return fails(organization, f"accounts that administer services and are not on the list: {said}")
        if not administrators:
            return passes(organization, "no other account administers a service")
        return passes(organization, f"accounts that administer services are all on the list: {len(administrators)}")

    yield from in_charge(facts, lambda organization: organization.administrators, decide)


CHECK = Check(
    id="identity.delegated_administrators",
    title="Only approved accounts administer the organization",
    criteria=(
        Criterion("CC6.3", PARTIAL, "rights over all accounts lie with those who were meant to have them"),
        Criterion("CC6.1", SUPPORTING, "whoever holds such an account can reach into all others"),
    ),
    severity="high",
    needs=(Organization,),
    remediation="Take the delegation back (DeregisterDelegatedAdministrator), or put the account on the list of this "
    "check.",
    equivalents={
        "prowler": ("organizations_delegated_administrators",),
    },
    judge=judge,
    params=(Param("approved", (), "account ids", "those that may administer services for all"),),
)
