"""No policy of the provider that somebody holds allows everything, except those that the company accepts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    NOT_APPLICABLE,
    PARTIAL,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    passes,
)
from checks.grants import judge_grant, written_by
from collectors.facts.identity import AccessPolicy, PolicyOrigin


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per policy that the provider wrote; one on the company's list passes whatever it allows."""
    allowed = params["allowed"]
    if not isinstance(allowed, tuple):
        # a single text would match every part of itself
        raise TypeError(f"parameter allowed must be a list of policy names, not {allowed!r}")
    for policy in written_by(facts, PolicyOrigin.PROVIDER):
        finding = judge_grant(policy, policy.allows_everything, "every action on every resource")
        listed = policy.origin is PolicyOrigin.PROVIDER and policy.resource.name in allowed
        if finding.outcome is not NOT_APPLICABLE and listed:
            yield passes(policy, f"{policy.resource.name} is on the list of allowed policies")
        else:
            yield finding


CHECK = Check(
    id="identity.admin_provider_policy",
    title="Attached policies of the provider do not allow everything",
    criteria=(
        Criterion("CC6.3", DIRECT, "rights are limited to what a role needs"),
        Criterion("CC6.1", PARTIAL, "whoever takes over a holder of such a policy owns the account"),
    ),
    severity="high",
    needs=(AccessPolicy,),
    remediation="Detach AdministratorAccess from users, groups and roles that do not need it; name the "
    "policies that stay attached in the parameter `allowed`.",
    equivalents={"prowler": ("iam_aws_attached_policy_no_administrative_privileges",)},
    judge=judge,
    params=(Param("allowed", (), "policy names", "policies of the provider that may be attached all the same"),),
)
