"""Users get their rights through groups or roles, never one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
)
from collectors.facts.core import Unread
from collectors.facts.identity import BoundMember, MemberKind, User


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per user, from the policies that it holds itself, and one per member that policies name."""
    for user in facts.of(User):
        match user.direct_policies:
            case Unread() as gap:
                yield unknown(user, gap)
            case None:
                yield not_applicable(user, "each account gives rights by itself, and users hold no policies")
            case ():
                yield passes(user, "user holds no policy of its own")
            case policies:
                yield fails(user, f"user itself holds policies: {', '.join(sorted(policies))}")
    for member in facts.of(BoundMember):
        if member.kind is not MemberKind.PERSON:
            yield not_applicable(member, "is no single person")
        elif member.roles:
            yield fails(member, f"person itself is given roles: {', '.join(member.roles)}")
        elif isinstance(member.complete, Unread):
            yield unknown(member, member.complete)
        else:
            yield passes(member, "person itself is given no role")


CHECK = Check(
    id="identity.rights_through_groups",
    title="Users get rights through groups or roles only",
    criteria=(
        Criterion("CC6.3", DIRECT, "rights follow the role that a person has"),
        Criterion("CC6.2", SUPPORTING, "an access review reads groups, and overlooks single grants"),
    ),
    severity="low",
    needs=(User, BoundMember),
    judges=(User, BoundMember),
    remediation="Attach the policy to a group or role, add the user to it, and detach or delete the user's own policy; "
    "on Google Cloud, bind the role to a group.",
    equivalents={
        "prowler": ("iam_policy_attached_only_to_group_or_roles",),
        "aws_config": ("iam-user-no-policies-check",),
        "security_hub": ("IAM.2",),
        "cis": ("AWS 1.15",),
    },
    judge=judge,
)
