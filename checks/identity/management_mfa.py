"""The directory's rules let nobody manage the cloud without a second factor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Param, Params
from checks.sign_in import Demand, judge_rules
from checks.thresholds import names
from collectors.facts.directory import MANAGEMENT, Clients, DirectorySettings, SignInRule

DEMAND = Demand(MANAGEMENT, Clients.MODERN, "a second factor of everyone who manages the cloud")


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per directory.  A rule about every application is one about management too."""
    for directory in facts.of(DirectorySettings):
        yield judge_rules(directory, facts, DEMAND, names(params, "exceptions"))


CHECK = Check(
    id="identity.management_mfa",
    title="Managing the cloud takes a second factor",
    criteria=(
        Criterion("CC6.1", DIRECT, "whoever takes over a manager of the cloud would own all that is in it"),
        Criterion("CC6.6", PARTIAL, "the management interface is reachable from the internet"),
    ),
    severity="critical",
    needs=(DirectorySettings, SignInRule),
    remediation="In Entra, make a conditional access policy for all users and the resource Windows Azure Service "
    "Management API that grants access with multifactor authentication only, and turn it on. Name its exclusions in "
    "the parameter `exceptions`.",
    equivalents={"prowler": ("entra_conditional_access_policy_require_mfa_for_management_api",)},
    judge=judge,
    params=(
        Param("exceptions", (), "exceptions", "whom and what a rule may leave out, written as findings write them"),
    ),
)
