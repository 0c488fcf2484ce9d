"""Stored secrets end by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Param, Params, fails, not_applicable, passes, unknown
from checks.thresholds import number
from checks.when import day, older_than
from collectors.facts.core import Unread
from collectors.facts.stores import Secret


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per secret in use, from the time between the change of its value and its end."""
    days = number(params, "max_days")
    for secret in facts.of(Secret):
        changed = secret.created if secret.changed is None else secret.changed
        if not secret.can_expire:
            yield not_applicable(secret, "its store gives no end date to secrets")
        elif secret.enabled is False:
            yield not_applicable(secret, "secret is disabled")
        elif isinstance(secret.enabled, Unread):
            yield unknown(secret, secret.enabled)
        elif isinstance(secret.expires, Unread):
            yield unknown(secret, secret.expires)
        elif secret.expires is None:
            yield fails(secret, "secret has no end date")
        elif isinstance(changed, Unread):
            yield unknown(secret, changed)
        elif changed is not None and older_than(changed, days, secret.expires):
            yield fails(secret, f"secret of {day(changed)} ends on {day(secret.expires)}, after more than {days} days")
        else:
            yield passes(secret, f"secret ends on {day(secret.expires)}")


CHECK = Check(
    id="encryption.secret_expiry",
    title="Secrets have an end date",
    criteria=(Criterion("CC6.1", PARTIAL, "a forgotten secret stops working, whether it leaked or not"),),
    severity="medium",
    needs=(Secret,),
    remediation="Set an expiration date on each secret of the Azure Key Vault (attribute exp), no later than the next "
    "rotation; on Google Cloud, an expiration of the secret (expireTime).",
    equivalents={},
    judge=judge,
    params=(Param("max_days", 365, "days", "longest time from the change of the value to its end"),),
)
