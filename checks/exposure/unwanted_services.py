"""Services that the company does not want are off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Param, Params, fails, passes, unknown
from checks.thresholds import names
from collectors.facts.account import EnabledServices
from collectors.facts.core import Unread

SERVICES = ("generativelanguage.googleapis.com",)
"""Keys that were made for other services open it too, and what is sent there leaves the company's project."""


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account."""
    unwanted = names(params, "services")
    for account in facts.of(EnabledServices):
        if isinstance(account.names, Unread):
            yield unknown(account, account.names)
        elif found := [name for name in unwanted if name in account.names]:
            yield fails(account, f"switched on, and not wanted: {', '.join(found)}")
        else:
            yield passes(account, "no service of the list is switched on")


CHECK = Check(
    id="exposure.unwanted_services",
    title="Services that nobody wants are off",
    criteria=(
        Criterion("CC6.8", PARTIAL, "nothing runs that nobody decided on"),
        Criterion("CC3.2", SUPPORTING, "a service that brings dangers of its own is a decision, and no accident"),
    ),
    severity="low",
    needs=(EnabledServices,),
    remediation="Disable the service in the Google Cloud project (APIs & Services, Enabled APIs), or take it off the "
    "list in the parameter `services` if the company decided to use it.",
    equivalents={"prowler": ("gemini_api_disabled",)},
    judge=judge,
    params=(Param("services", SERVICES, "names of services", "those that must not be switched on"),),
)
