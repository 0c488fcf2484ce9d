"""Only administrators bring in guests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.directory import DirectorySettings, Inviters


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per directory."""
    for directory in facts.of(DirectorySettings):
        match directory.guests_invited_by:
            case Unread() as gap:
                yield unknown(directory, gap)
            case Inviters.NOBODY | Inviters.ADMINISTRATORS as who:
                yield passes(directory, f"guests are invited by {who}")
            case who:
                yield fails(directory, f"guests are invited by {who}, and not by administrators only")


CHECK = Check(
    id="identity.guest_inviters",
    title="Only administrators invite guests",
    criteria=(
        Criterion("CC6.2", PARTIAL, "outsiders get an account from somebody who may give one"),
        Criterion("CC6.3", PARTIAL, "whoever may share things is not thereby free to add people"),
    ),
    severity="high",
    needs=(DirectorySettings,),
    remediation="In Entra, External Identities, External collaboration settings, let only users with specific admin "
    "roles invite guests, or nobody.",
    equivalents={"prowler": ("entra_policy_guest_invite_only_for_admin_roles",)},
    judge=judge,
)
