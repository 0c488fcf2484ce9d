"""Root users of all accounts of an organization are managed in one place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes
from checks.organization import in_charge
from collectors.facts.organization import Organization


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account; one that manages no organization has its own root user alone."""
    yield from in_charge(facts, lambda organization: organization.root_managed, _decide)


def _decide(organization: Organization, managed: bool) -> Finding:
    if managed:
        return passes(organization, "root users of all accounts are managed here")
    return fails(organization, "each account keeps credentials of its root user")


CHECK = Check(
    id="identity.root_managed",
    title="Root users are managed in one place",
    criteria=(
        Criterion("CC6.1", PARTIAL, "a root user without credentials cannot be taken over"),
        Criterion("CC6.3", SUPPORTING, "nobody but one team can act as root of an account"),
    ),
    severity="medium",
    needs=(Organization,),
    remediation="Turn on centralized root access in IAM of the management account "
    "(EnableOrganizationsRootCredentialsManagement), then delete the root credentials of the member accounts.",
    equivalents={
        "prowler": ("iam_root_credentials_management_enabled",),
    },
    judge=judge,
)
