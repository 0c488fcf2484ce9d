"""Nobody has signed in with a password alone, whatever the settings say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.identity import SignIns


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per region, which records the sign-ins at its own sign-in page."""
    for region in facts.of(SignIns):
        if isinstance(region.single_factor, Unread):
            yield unknown(region, region.single_factor)
        elif region.single_factor:
            yield fails(region, f"in {region.days} days, with a password alone: {', '.join(region.single_factor)}")
        else:
            yield passes(region, f"nobody signed in with a password alone in {region.days} days")


CHECK = Check(
    id="identity.sign_in_factors",
    title="Sign-ins show a second factor",
    criteria=(
        Criterion("CC6.1", DIRECT, "the rule for a second factor held when people signed in"),
        Criterion("CC6.6", PARTIAL, "a stolen password was not enough at the door that faces the internet"),
        Criterion("CC7.2", PARTIAL, "sign-ins that look like an attacker's come to light"),
    ),
    severity="high",
    needs=(SignIns,),
    remediation="Give the user of AWS an MFA device and a policy that denies everything without one "
    "(aws:MultiFactorAuthPresent), or have people come through the identity provider; ask whose sign-in it was.",
    equivalents={},
    judge=judge,
)
