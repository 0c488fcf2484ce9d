"""Few people hold the role that may do everything, and more than one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Param, Params, fails, passes, unknown
from checks.thresholds import number
from collectors.facts.core import Unread
from collectors.facts.directory import AdminRole


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per highest role.  Those who must ask for it first do not count."""
    least, most = number(params, "least"), number(params, "most")
    for role in facts.of(AdminRole):
        if not role.highest:
            continue
        if isinstance(role.standing, Unread):
            yield unknown(role, role.standing)
            continue
        count = len(role.standing)
        says = f"people who hold {role.resource.name} all the time: {count}"
        if count < least:
            yield fails(role, f"{says}, fewer than {least}")
        elif count > most:
            yield fails(role, f"{says}, more than {most}")
        else:
            yield passes(role, f"{says}, from {least} to {most}")


CHECK = Check(
    id="identity.top_admin_count",
    title="Few people hold the highest role",
    criteria=(
        Criterion("CC6.3", PARTIAL, "unlimited rights are the exception"),
        Criterion("CC6.1", PARTIAL, "each further holder is one more account whose loss is the loss of everything"),
    ),
    severity="high",
    needs=(AdminRole,),
    remediation="Under Entra, Roles and admins, Global Administrator, give people narrower roles, or make the "
    "assignment eligible; in Google's admin console, give administrators narrower roles than Super Admin; keep two "
    "accounts for emergencies.",
    equivalents={"prowler": ("entra_global_admin_in_less_than_five_users",)},
    judge=judge,
    params=(
        Param("least", 2, "people", "fewer could all be out of reach at once"),
        Param("most", 4, "people", "more are too many to watch"),
    ),
)
