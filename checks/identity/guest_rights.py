"""Guests see nothing of the directory but themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.directory import DirectorySettings, GuestView

_SEE = {GuestView.SOME: "some of the directory", GuestView.ALL: "all that members see"}


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per directory."""
    for directory in facts.of(DirectorySettings):
        match directory.guests_see:
            case Unread() as gap:
                yield unknown(directory, gap)
            case GuestView.THEMSELVES:
                yield passes(directory, "guests see nothing of the directory but themselves")
            case view:
                yield fails(directory, f"guests see {_SEE[view]}")


CHECK = Check(
    id="identity.guest_rights",
    title="Guests see only themselves in the directory",
    criteria=(
        Criterion("CC6.3", PARTIAL, "outsiders get what they came for and no more"),
        Criterion("CC6.1", PARTIAL, "a list of names and groups is where an attack on them begins"),
    ),
    severity="medium",
    needs=(DirectorySettings,),
    remediation="In Entra, External Identities, External collaboration settings, restrict guest user access to "
    "properties and memberships of their own directory objects.",
    equivalents={"prowler": ("entra_policy_guest_users_access_restrictions",)},
    judge=judge,
)
