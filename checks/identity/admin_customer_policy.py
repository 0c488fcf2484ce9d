"""No policy of the company's own that somebody holds allows everything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params
from checks.grants import judge_grant, written_by
from collectors.facts.identity import AccessPolicy, PolicyOrigin


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per policy that the company wrote and can attach."""
    for policy in written_by(facts, PolicyOrigin.CUSTOMER):
        yield judge_grant(policy, policy.allows_everything, "every action on every resource")


CHECK = Check(
    id="identity.admin_customer_policy",
    title="Attached policies of the company do not allow everything",
    criteria=(
        Criterion("CC6.3", DIRECT, "rights are limited to what a role needs"),
        Criterion("CC6.1", PARTIAL, "whoever takes over a holder of such a policy owns the account"),
    ),
    severity="high",
    needs=(AccessPolicy,),
    remediation="Replace the statement that has Action * on Resource * by the actions that its holders use, "
    "or detach the policy.",
    equivalents={
        "prowler": ("iam_customer_attached_policy_no_administrative_privileges",),
        "aws_config": ("iam-policy-no-statements-with-admin-access",),
        "security_hub": ("IAM.1",),
        "cis": ("AWS 1.16",),
    },
    judge=judge,
)
