"""The record of activity shows nobody who signed in as the root user."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.identity import SignIns


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per region, which records the sign-ins at its own sign-in page."""
    for region in facts.of(SignIns):
        if isinstance(region.root, Unread):
            yield unknown(region, region.root)
        elif region.root:
            yield fails(region, f"root signed in on {', '.join(region.root)}")
        else:
            yield passes(region, f"root did not sign in within {region.days} days")


CHECK = Check(
    id="identity.root_sign_ins",
    title="Nobody signs in as root",
    criteria=(
        Criterion("CC6.3", PARTIAL, "work done as root escapes roles and separation of duties"),
        Criterion("CC7.2", PARTIAL, "a use of the most powerful identity comes to light within the hour"),
    ),
    severity="high",
    needs=(SignIns,),
    remediation="Find out who signed in and why, do the task with a role, and link a use that remains to an emergency "
    "ticket.",
    equivalents={},
    judge=judge,
)
