"""Long-lived API keys that nobody uses are switched off."""

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
    """One finding per key; one that was never used counts from its creation, since it works all the same.

    A young key passes whatever it was used for: nothing can be unused for longer than it is there.  So a failure rests
    on both dates, and one that was not read leaves it open.
    """
    days = number(params, "unused_days")
    for key in facts.of(AccessKey):
        since, says = (
            (key.created, "was never used since it was created")
            if key.last_used is None
            else (key.last_used, "was last used")
        )
        if key.active is False:
            yield not_applicable(key, "key is inactive")
        elif isinstance(key.expires, datetime) and key.expires <= now:
            yield not_applicable(key, f"key ended on {day(key.expires)}")
        elif isinstance(since, datetime) and not older_than(since, days, now):
            yield passes(key, f"key {says} on {day(since)}, no more than {days} days ago")
        elif isinstance(key.created, datetime) and not older_than(key.created, days, now):
            yield passes(key, f"key was created on {day(key.created)}, no more than {days} days ago")
        elif isinstance(since, Unread) or unread_in(key.active, key.created, key.expires):
            yield unknown(key, *unread_in(key.active, since, key.created, key.expires))
        else:
            yield fails(key, f"active key {says} on {day(since)}, more than {days} days ago")


CHECK = Check(
    id="identity.access_key_unused",
    title="Unused access keys are deactivated",
    criteria=(
        Criterion("CC6.2", DIRECT, "credentials are withdrawn when nobody needs them any more"),
        Criterion("CC6.3", SUPPORTING, "rights that nobody uses are not needed"),
    ),
    severity="medium",
    needs=(AccessKey,),
    remediation="Deactivate the key under IAM, Users, Security credentials, and delete it once nothing complains; "
    "delete a secret of an application under Entra, App registrations, Certificates & secrets; disable the key of a "
    "Google Cloud service account under IAM, Service Accounts, Keys.",
    equivalents={
        "prowler": ("iam_user_accesskey_unused", "iam_sa_user_managed_key_unused"),
        "aws_config": ("iam-user-unused-credentials-check",),
        "security_hub": ("IAM.8", "IAM.22"),
        "cis": ("AWS 1.12",),
    },
    judge=judge,
    params=(Param("unused_days", 90, "days", "an active key must have been used within this many"),),
    time_dependent=True,
)
