"""No key that stands for the whole account opens a machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.core import Unread
from collectors.facts.machines import MachineSignIn


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per machine."""
    for each in facts.of(MachineSignIn):
        value = each.shared_keys
        yield decide(
            each,
            value if isinstance(value, Unread) else not value,
            yes="takes no keys of the whole account",
            no="takes every key that is written down for the whole account",
        )


CHECK = Check(
    id="machines.shared_ssh_keys",
    title="Machines take no SSH keys of the whole account",
    criteria=(
        Criterion("CC6.1", PARTIAL, "a key opens the machines that its holder works on and no others"),
        Criterion("CC6.3", PARTIAL, "rights to one machine do not come with rights to all"),
    ),
    severity="medium",
    needs=(MachineSignIn,),
    remediation="Turn on OS Login (enable-oslogin), or set block-project-ssh-keys to TRUE in the metadata of the "
    "Google Cloud instance.",
    equivalents={"prowler": ("compute_instance_block_project_wide_ssh_keys_disabled",)},
    judge=judge,
)
