"""No policy of the company's own that somebody holds lets its holders take further rights."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    PARTIAL,
    Check,
    Criterion,
    Facts,
    Finding,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from checks.grants import listed
from collectors.facts.core import Unread
from collectors.facts.rights import PolicyEscalation


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per policy that the company wrote, attached or written into an identity."""
    for policy in facts.of(PolicyEscalation):
        holders, ways = policy.attached_to, policy.ways
        if holders == ():
            yield not_applicable(policy, "policy is attached to nobody")
        elif ways == ():
            yield passes(policy, "policy opens no known way to further rights")
        elif isinstance(ways, Unread) or isinstance(holders, Unread):
            yield unknown(policy, *unread_in(ways, holders))
        else:
            yield fails(policy, f"policy opens {listed(ways)} and is held by {listed(holders)}")


CHECK = Check(
    id="identity.escalation_policy",
    title="Policies of the company open no way to further rights",
    criteria=(
        Criterion("CC6.3", DIRECT, "rights stay those that were given"),
        Criterion("CC6.1", PARTIAL, "a small account that is taken over does not turn into a large one"),
    ),
    severity="high",
    needs=(PolicyEscalation,),
    remediation="Limit the named actions to the resources that the holders work on: iam:PassRole to single roles with "
    "the condition iam:PassedToService, the iam actions to users and policies of their own path, or take them away.",
    equivalents={
        "prowler": ("iam_inline_policy_allows_privilege_escalation", "iam_policy_allows_privilege_escalation"),
    },
    judge=judge,
)
