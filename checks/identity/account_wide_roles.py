"""Roles that reach too far are not given for a whole account."""

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
    Param,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
)
from checks.thresholds import names
from collectors.facts.core import Unread
from collectors.facts.identity import BoundMember, MemberKind

ROLES = ("roles/editor", "roles/iam.serviceAccountUser", "roles/iam.serviceAccountTokenCreator")
"""Editor changes nearly everything; the other two act as every service account there is, with all of their rights."""


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per member; nobody may give anything to everybody."""
    roles = names(params, "roles")
    for member in facts.of(BoundMember):
        everybody = member.kind is MemberKind.EVERYBODY
        found = [role for role in member.roles if everybody or role in roles]
        if member.kind is MemberKind.PROVIDER:
            yield not_applicable(member, "a program of the provider's own")
        elif found:
            whom = "everybody" if everybody else "member"
            yield fails(member, f"{whom} holds {', '.join(found)} for the whole account")
        elif isinstance(member.complete, Unread):
            yield unknown(member, member.complete)
        else:
            yield passes(member, "holds none of the listed roles for the whole account")


CHECK = Check(
    id="identity.account_wide_roles",
    title="Roles that reach too far are not given for a whole account",
    criteria=(
        Criterion("CC6.3", DIRECT, "rights are limited to what a role needs"),
        Criterion("CC6.1", PARTIAL, "one lost identity does not open every program's rights"),
    ),
    severity="medium",
    needs=(BoundMember,),
    remediation="Replace Editor by roles for the services in question, and give Service Account User and Service "
    "Account Token Creator on the single service account instead of the project, the folder or the organization.",
    equivalents={"prowler": ("iam_no_service_roles_at_project_level",), "cis": ("GCP 1.6",)},
    judge=judge,
    params=(Param("roles", ROLES, "role names", "roles that nobody may hold for a whole account"),),
)
