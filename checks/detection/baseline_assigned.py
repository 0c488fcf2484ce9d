"""The configuration of an account is held against a set of rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Param, Params, fails, passes, unknown
from checks.thresholds import names
from collectors.facts.core import Unread
from collectors.facts.detection import BaselineCoverage


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account: every set that the company names is assigned, or some set when it names none."""
    wanted = names(params, "required")
    for account in facts.of(BaselineCoverage):
        if isinstance(account.assigned, Unread):
            yield unknown(account, account.assigned)
            continue
        missing = [name for name in wanted if name not in account.assigned]
        if missing:
            yield fails(account, f"sets of rules that are not assigned: {', '.join(missing)}")
        elif not account.assigned:
            yield fails(account, "no set of rules is assigned to the account as a whole")
        else:
            yield passes(account, f"assigned sets of rules: {', '.join(sorted(account.assigned))}")


CHECK = Check(
    id="detection.baseline_assigned",
    title="Accounts are held against a baseline",
    criteria=(
        Criterion("CC7.1", PARTIAL, "there is a known good state to compare with"),
        Criterion("CC5.2", SUPPORTING, "technology is governed by written rules"),
        Criterion("CC8.1", SUPPORTING, "a change that leaves the baseline shows"),
    ),
    severity="medium",
    needs=(BaselineCoverage,),
    remediation="Assign the company's set of rules to the whole account, best from above it: on Azure, a policy "
    "initiative at the root management group; on AWS, a Security Hub standard or a Config conformance pack in each "
    "region.",
    equivalents={"prowler": ("securityhub_enabled",), "aws_config": ("securityhub-enabled",)},
    judge=judge,
    params=(Param("required", (), "names", "sets of rules that have to be assigned; empty: some set"),),
)
