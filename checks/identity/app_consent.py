"""Users do not let applications into the company's data on their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Param, Params, fails, passes, unknown
from checks.thresholds import names
from collectors.facts.core import Unread
from collectors.facts.directory import DirectorySettings


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per directory, from the rules by which users may consent."""
    allowed = names(params, "allowed")
    for directory in facts.of(DirectorySettings):
        rules = directory.consent_rules
        if isinstance(rules, Unread):
            yield unknown(directory, rules)
        elif over := [rule for rule in rules if rule not in allowed]:
            yield fails(directory, f"users consent to applications by {', '.join(over)}")
        elif rules:
            yield passes(directory, f"users consent to applications by {', '.join(rules)} only, which is allowed")
        else:
            yield passes(directory, "only administrators consent to applications")


CHECK = Check(
    id="identity.app_consent",
    title="Users do not consent to applications",
    criteria=(
        Criterion("CC6.3", PARTIAL, "access to data is given by those who answer for it"),
        Criterion("CC6.2", PARTIAL, "an application gets in with permission of the company, not of whoever is asked"),
        Criterion("CC9.2", SUPPORTING, "a vendor with access to data was looked at first"),
    ),
    severity="high",
    needs=(DirectorySettings,),
    remediation="In Entra, Enterprise applications, Consent and permissions, choose Do not allow user consent; or "
    "choose the rule for verified publishers, and name it in the parameter `allowed`.",
    equivalents={
        "prowler": ("entra_policy_restricts_user_consent_for_apps", "entra_policy_user_consent_for_verified_apps"),
    },
    judge=judge,
    params=(Param("allowed", (), "consent rules", "by which users may consent, such as microsoft-user-default-low"),),
)
