"""Long-lived API keys are replaced before they grow old."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from checks.thresholds import number
from checks.when import day, older_than
from collectors.facts.core import Unread
from collectors.facts.identity import AccessKey


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per key; a young key passes whether or not it works, one that is off or ended opens nothing."""
    days = number(params, "max_age_days")
    for key in facts.of(AccessKey):
        created = key.created
        if key.active is False:
            yield not_applicable(key, "key is inactive")
        elif isinstance(key.expires, datetime) and key.expires <= now:
            yield not_applicable(key, f"key ended on {day(key.expires)}")
        elif isinstance(created, datetime) and not older_than(created, days, now):
            yield passes(key, f"key was created on {day(created)}, no more than {days} days ago")
        elif isinstance(created, Unread) or unread_in(key.active, key.expires):
            yield unknown(key, *unread_in(key.active, created, key.expires))
        else:
            yield fails(key, f"active key was created on {day(created)}, more than {days} days ago")


CHECK = Check(
    id="identity.access_key_age",
    title="Access keys are rotated",
    criteria=(
        Criterion("CC6.1", DIRECT, "a key that leaked unnoticed stops working in bounded time"),
        Criterion("CC6.2", SUPPORTING, "replacing a key forces the question who still needs it"),
    ),
    severity="high",
    needs=(AccessKey,),
    remediation="Create a second key, move the workload to it, then deactivate and delete the old one; or "
    "use a role with temporary credentials instead (in Azure a managed identity or federated credential).",
    equivalents={
        "prowler": ("iam_rotate_access_key_90_days",),
        "aws_config": ("access-keys-rotated",),
        "security_hub": ("IAM.3",),
        "cis": ("AWS 1.14",),
    },
    judge=judge,
    params=(Param("max_age_days", 90, "days", "an active key must not be older than this"),),
    time_dependent=True,
)
