"""People sign in to machines with their identity of the directory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.machines import MachineSignIn


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per machine."""
    for each in facts.of(MachineSignIn):
        yield decide(
            each,
            each.directory,
            yes="only identities of the directory sign in",
            no="takes SSH keys that the directory knows nothing of",
        )


CHECK = Check(
    id="machines.directory_sign_in",
    title="People sign in to machines by the directory",
    criteria=(
        Criterion("CC6.1", PARTIAL, "one place proves who someone is, for machines too"),
        Criterion("CC6.2", PARTIAL, "one switch there ends the access of a person to machines"),
    ),
    severity="medium",
    needs=(MachineSignIn,),
    remediation="Set enable-oslogin to TRUE in the metadata of the Google Cloud project, and let no instance set "
    "it to FALSE.",
    equivalents={"prowler": ("compute_project_os_login_enabled",)},
    judge=judge,
)
