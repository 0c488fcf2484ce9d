"""Every object store has its public-access guards on, its own or the account's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes, unknown, unread_in
from checks.public_access import account_block
from collectors.facts.stores import AccountPublicAccess, ObjectStore


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per object store; one guard that is on decides."""
    for store in facts.of(ObjectStore):
        blocked, said_by = account_block(store, facts)
        if store.public_access_blocked is True:
            yield passes(store, "the store blocks public access")
        elif blocked is True:
            yield passes(store, "the account blocks public access", *said_by)
        elif gaps := unread_in(store.public_access_blocked, blocked):
            yield unknown(store, *gaps)
        else:
            yield fails(store, "neither the store nor the account blocks all public access", *said_by)


CHECK = Check(
    id="exposure.object_store_block",
    title="Object stores block public access",
    criteria=(
        Criterion("CC6.1", PARTIAL, "a later mistake in a policy cannot open the store"),
        Criterion("CC6.6", PARTIAL, "the boundary holds by default"),
        Criterion("C1.1", PARTIAL, "confidential objects stay guarded against a later mistake"),
        Criterion("CC6.7", SUPPORTING, "data cannot be shared with everybody by accident"),
    ),
    severity="high",
    needs=(
        ObjectStore,
        AccountPublicAccess,
    ),
    remediation="Turn on all four settings of S3 Block Public Access for the bucket or the account "
    "(PutPublicAccessBlock). On Azure turn off allowBlobPublicAccess of the storage account.",
    equivalents={
        "prowler": (
            "s3_bucket_level_public_access_block",
            "storage_blob_public_access_level_is_disabled",
        ),
        "aws_config": ("s3-bucket-level-public-access-prohibited",),
        "security_hub": ("S3.8",),
        "cis": ("AWS 2.1.4",),
    },
    judge=judge,
)
