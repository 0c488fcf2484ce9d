"""The configuration of an account keeps to the set of rules that it is held against."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.detection import BaselineResult


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per assigned set of rules."""
    for result in facts.of(BaselineResult):
        if isinstance(result.failing, Unread):
            yield unknown(result, result.failing)
        elif result.failing:
            yield fails(result, f"resources that break a rule: {result.failing}")
        else:
            yield passes(result, "no resource breaks a rule")


CHECK = Check(
    id="detection.baseline_kept",
    title="Resources keep to the baseline",
    criteria=(
        Criterion("CC7.1", DIRECT, "settings that leave the baseline come to light"),
        Criterion("CC8.1", SUPPORTING, "what changed outside the agreed way shows"),
    ),
    severity="medium",
    needs=(BaselineResult,),
    remediation="Mend the resources that break a rule, or write an exemption with its reason: on Azure, Policy, "
    "Compliance lists them by assignment; on AWS, Security Hub and Config list them by standard and conformance pack.",
    equivalents={},
    judge=judge,
)
