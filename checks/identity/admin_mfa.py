"""Whoever holds a role over the directory, or may take one, has a second factor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    PARTIAL,
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
    unread_in,
)
from collectors.facts.core import Reason, Unread
from collectors.facts.directory import AdminRole
from collectors.facts.identity import User


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per person who holds a role, whatever it is.

    Where nobody can tell who holds one, everybody might.
    """
    roles = list(facts.of(AdminRole))
    held: dict[str, list[AdminRole]] = defaultdict(list)
    for role in roles:
        for holders in (role.standing, role.eligible):
            for uid in () if isinstance(holders, Unread) else holders:
                held[uid].append(role)
    gaps = unread_in(*(value for role in roles for value in (role.standing, role.eligible)))
    if unlisted := facts.unlisted(AdminRole):
        gaps = (*gaps, unlisted)
    users = {user.resource.uid: user for user in facts.of(User)}
    for uid, user in users.items():
        if uid in held:
            yield _judge(user, held[uid])
        elif gaps:
            yield unknown(user, *gaps)
    yield from _lost(facts, roles, set(users))


def _judge(user: User, roles: list[AdminRole]) -> Finding:
    names = ", ".join(sorted({role.resource.name for role in roles}))
    if user.can_sign_in is False:
        return not_applicable(user, f"holder of {names} cannot sign in")
    if user.has_mfa is True:
        return passes(user, f"holder of {names} has a second factor", *roles)
    if gaps := unread_in(user.can_sign_in, user.has_mfa):
        return unknown(user, *gaps)
    return fails(user, f"holder of {names} has no second factor", *roles)


def _lost(facts: Facts, roles: list[AdminRole], users: set[str]) -> Iterator[Finding]:
    """A role whose holders are not all among the users that were read."""
    for role in roles:
        for holders in (role.standing, role.eligible):
            missing = set() if isinstance(holders, Unread) else set(holders) - users
            if missing:
                gone = f"{min(missing)} holds {role.resource.name} and is not among the users read"
                gap = Unread(Reason.PARTIAL_LISTING, "listing of users", "the right to list users", gone)
                yield unknown(role, facts.unlisted(User) or gap)
                break


CHECK = Check(
    id="identity.admin_mfa",
    title="Administrators have a second factor",
    criteria=(
        Criterion("CC6.1", DIRECT, "rights over everyone's access need more than a password"),
        Criterion("CC6.6", PARTIAL, "the sign-in of administrators is open to the internet"),
        Criterion("CC6.3", SUPPORTING, "a role is as safe as the sign-in of whoever holds it"),
    ),
    severity="critical",
    needs=(AdminRole, User),
    remediation="Have the person register a method under My sign-ins, Security info, that the directory's "
    "authentication methods policy allows; or take the role away.",
    equivalents={"prowler": ("entra_privileged_user_has_mfa",)},
    judge=judge,
)
