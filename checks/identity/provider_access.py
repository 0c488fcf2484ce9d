"""The provider's own staff ask before they look at data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.account import ProviderAccess
from collectors.facts.core import Unread


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account."""
    for account in facts.of(ProviderAccess):
        services = account.approval_for
        if isinstance(services, Unread):
            yield unknown(account, services)
        elif services:
            yield passes(account, f"the provider's staff need approval for {', '.join(services)}")
        else:
            yield fails(account, "the provider's staff need no approval")


CHECK = Check(
    id="identity.provider_access",
    title="The provider's staff need approval to look at data",
    criteria=(
        Criterion("CC6.2", PARTIAL, "outsiders get in only when somebody of the company agrees"),
        Criterion("CC6.1", SUPPORTING, "data of a service on the list stays locked for the provider's people"),
        Criterion("C1.1", SUPPORTING, "confidential records are kept from the provider's people as well"),
    ),
    severity="medium",
    needs=(ProviderAccess,),
    remediation="Enroll the organization or the project in Access Approval (Google Cloud, Security, Access Approval), "
    "which needs Access Transparency and a support contract that includes both.",
    equivalents={"prowler": ("iam_account_access_approval_enabled",), "cis": ("GCP 2.15",)},
    judge=judge,
)
