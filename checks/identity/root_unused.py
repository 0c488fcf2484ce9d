"""Nobody works as the root user: it is kept for emergencies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Param, Params, fails, passes, unknown
from checks.thresholds import number
from checks.when import day, older_than
from collectors.facts.core import Unread
from collectors.facts.identity import RootUser


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per root user, from the newest use of its password or keys."""
    days = number(params, "unused_days")
    for root in facts.of(RootUser):
        match root.last_used:
            case Unread() as gap:
                yield unknown(root, gap)
            case None:
                yield passes(root, "root was never used")
            case used if older_than(used, days, now):
                yield passes(root, f"root was last used on {day(used)}, more than {days} days ago")
            case used:
                yield fails(root, f"root was last used on {day(used)}, within the last {days} days")


CHECK = Check(
    id="identity.root_unused",
    title="Root users are not used for daily work",
    criteria=(
        Criterion("CC6.3", PARTIAL, "work done as root escapes roles and separation of duties"),
        Criterion("CC6.1", PARTIAL, "credentials kept out of daily work are exposed less"),
    ),
    severity="high",
    needs=(RootUser,),
    remediation="Do the task with a role, and link each use of root that remains to an emergency ticket.",
    equivalents={"prowler": ("iam_avoid_root_usage",), "cis": ("AWS 1.7",)},
    judge=judge,
    params=(Param("unused_days", 90, "days", "root must not have been used within this many days"),),
    time_dependent=True,
)
