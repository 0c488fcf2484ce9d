"""No program administers the account that it runs in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from fnmatch import fnmatchcase

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
    unread_in,
)
from checks.thresholds import names
from collectors.facts.core import Unread
from collectors.facts.identity import AccessPolicy, BoundMember, ServiceAccount

ROLES = ("roles/owner", "roles/editor", "*admin*")
"""Basic roles that change everything, and every role that calls itself an administrator's."""


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per service account that works; one such role that it holds for certain decides."""
    patterns = names(params, "roles")
    for account in facts.of(ServiceAccount):
        if account.enabled is False:
            yield not_applicable(account, "account is switched off")
            continue
        bound = [member for member in facts.of(BoundMember) if member.resource.name == account.member]
        held = {role for member in bound for role in member.roles}
        high = {role for role in held if _matches(role, patterns)}
        policies = [policy for policy in facts.of(AccessPolicy) if policy.resource.name in held]
        high |= {policy.resource.name for policy in policies if policy.allows_everything is True}
        gaps = unread_in(
            account.enabled if high else None,
            *([] if high else _open(facts, bound, policies)),
        )
        if gaps:
            yield unknown(account, *gaps)
        elif high:
            yield fails(account, f"account holds {', '.join(sorted(high))}", *bound, *policies)
        else:
            yield passes(account, "account holds no administrator role for the whole account", *bound)


def _open(facts: Facts, bound: list[BoundMember], policies: list[AccessPolicy]) -> Iterable[bool | Unread | None]:
    """Whatever might still show such a role."""
    return (
        facts.unlisted(BoundMember),
        facts.unlisted(AccessPolicy),
        *(member.complete for member in bound),
        *(policy.allows_everything for policy in policies),
    )


def _matches(role: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(role.lower(), pattern.lower()) for pattern in patterns)


CHECK = Check(
    id="identity.service_account_admin",
    title="Service accounts do not administer their account",
    criteria=(
        Criterion("CC6.3", DIRECT, "a program has the rights that its task needs"),
        Criterion("CC6.1", PARTIAL, "whoever takes over the program does not own the account"),
    ),
    severity="high",
    needs=(ServiceAccount, BoundMember, AccessPolicy),
    remediation="Give the service account the predefined roles of the services that it calls, on the resources that it "
    "uses, and take Owner, Editor and administrator roles for the project away from it.",
    equivalents={"prowler": ("iam_sa_no_administrative_privileges",)},
    judge=judge,
    params=(Param("roles", ROLES, "patterns of role names", "roles that no service account may hold"),),
)
