"""Roles that nobody uses are deleted."""

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
    unread_in,
)
from checks.thresholds import number
from checks.when import day, older_than
from collectors.facts.core import Unread
from collectors.facts.rights import RoleUse


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per role; one that was never used counts from its creation."""
    days = number(params, "unused_days")
    for role in facts.of(RoleUse):
        if role.provider_owned is True:
            yield not_applicable(role, "a service of the provider makes, uses and deletes it")
            continue
        used, created = role.last_used, role.created
        if isinstance(used, datetime) and not older_than(used, days, now):
            yield passes(role, f"role was last used on {day(used)}, no more than {days} days ago")
        elif isinstance(created, datetime) and not older_than(created, days, now):
            yield passes(role, f"role was created on {day(created)}, no more than {days} days ago")
        elif isinstance(used, Unread) or isinstance(created, Unread) or isinstance(role.provider_owned, Unread):
            yield unknown(role, *unread_in(used, created, role.provider_owned))
        elif used is None:
            yield fails(role, f"role was created on {day(created)}, and no use of it is on record")
        else:
            yield fails(role, f"role was last used on {day(used)}, more than {days} days ago")


CHECK = Check(
    id="identity.role_unused",
    title="Roles that nobody uses are deleted",
    criteria=(
        Criterion("CC6.2", PARTIAL, "a way in is withdrawn when nobody needs it any more"),
        Criterion("CC6.3", DIRECT, "rights that nobody uses are not needed"),
    ),
    severity="medium",
    needs=(RoleUse,),
    remediation="Look at Last activity under IAM, Roles, and delete the role once nothing complains about a policy "
    "that denies everything in it.",
    equivalents={},
    judge=judge,
    params=(Param("unused_days", 90, "days", "a role must have been used within this many"),),
    time_dependent=True,
)
