"""Keys that only name an account open few services, to few callers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Params, fails, passes, unknown, unread_in
from collectors.facts.identity import ApiKey


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per key; one limit that is missing for certain decides."""
    for key in facts.of(ApiKey):
        missing = []
        if key.services == ():
            missing.append("every service that takes such keys")
        if key.callers_limited is False:
            missing.append("every caller")
        if missing:
            yield fails(key, f"key works for {' and '.join(missing)}")
        elif gaps := unread_in(key.services, key.callers_limited):
            yield unknown(key, *gaps)
        else:
            yield passes(key, "key works for named services and named callers")


CHECK = Check(
    id="identity.api_key_limited",
    title="API keys are limited to services and callers",
    criteria=(
        Criterion("CC6.1", PARTIAL, "a key that was found opens little, and not from everywhere"),
        Criterion("CC6.3", PARTIAL, "a program may call what it needs with its key, and no more"),
    ),
    severity="medium",
    needs=(ApiKey,),
    remediation="Under Google Cloud, APIs & Services, Credentials, restrict the key to the APIs that use it and to the "
    "addresses, sites or apps that call them; better, replace it by a service account.",
    equivalents={"cis": ("GCP 1.13", "GCP 1.14")},
    judge=judge,
)
