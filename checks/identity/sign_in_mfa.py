"""The directory's rules let nobody in to any application without a second factor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Param, Params
from checks.sign_in import Demand, judge_rules
from checks.thresholds import names
from collectors.facts.directory import EVERYTHING, Clients, DirectorySettings, SignInRule

DEMAND = Demand(EVERYTHING, Clients.MODERN, "a second factor of everyone, for every application")


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per directory.  The provider's own baseline counts, and so does a rule that does as much."""
    for directory in facts.of(DirectorySettings):
        yield judge_rules(directory, facts, DEMAND, names(params, "exceptions"))


CHECK = Check(
    id="identity.sign_in_mfa",
    title="Sign-in rules demand a second factor of everyone",
    criteria=(
        Criterion("CC6.1", DIRECT, "a stolen password alone opens nothing, whoever it belongs to"),
        Criterion("CC6.6", PARTIAL, "the sign-in page is reachable from the internet"),
    ),
    severity="critical",
    needs=(DirectorySettings, SignInRule),
    remediation="In Entra, turn on security defaults; or make a conditional access policy for all users and all "
    "resources that grants access with multifactor authentication only, and turn it on. Name its exclusions in the "
    "parameter `exceptions`.",
    equivalents={"prowler": ("entra_security_defaults_enabled",)},
    judge=judge,
    params=(
        Param("exceptions", (), "exceptions", "whom and what a rule may leave out, written as findings write them"),
    ),
)
