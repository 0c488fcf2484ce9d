"""No policy written into a user, group or role allows everything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params
from checks.grants import judge_grant, written_by
from collectors.facts.identity import AccessPolicy, PolicyOrigin


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per inline policy, and per policy that may be one."""
    for policy in written_by(facts, PolicyOrigin.INLINE):
        yield judge_grant(policy, policy.allows_everything, "every action on every resource")


CHECK = Check(
    id="identity.admin_inline_policy",
    title="Inline policies do not allow everything",
    criteria=(
        Criterion("CC6.3", DIRECT, "rights are limited to what a role needs"),
        Criterion("CC6.1", PARTIAL, "whoever takes over the identity that holds such a policy owns the account"),
    ),
    severity="high",
    needs=(AccessPolicy,),
    remediation="Delete the inline policy, or replace the statement that has Action * on Resource * by the "
    "actions that its holder uses.",
    equivalents={"prowler": ("iam_inline_policy_no_administrative_privileges",)},
    judge=judge,
)
