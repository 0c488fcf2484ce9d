"""No object store is open to the internet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params
from checks.public_access import judge_privacy
from collectors.facts.stores import AccountPublicAccess, ObjectStore


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per object store."""
    for store in facts.of(ObjectStore):
        yield judge_privacy(store, store, facts)


CHECK = Check(
    id="exposure.object_store_public",
    title="Object stores are not public",
    criteria=(
        Criterion("CC6.1", DIRECT, "stored data is open to known identities only"),
        Criterion("CC6.6", PARTIAL, "an open store lies outside every boundary"),
        Criterion("CC6.7", PARTIAL, "data does not leave to whoever asks"),
        Criterion("C1.1", PARTIAL, "confidential objects are kept from outsiders"),
    ),
    severity="critical",
    needs=(
        ObjectStore,
        AccountPublicAccess,
    ),
    remediation="Turn on S3 Block Public Access for the account or the bucket, and remove public grants from the "
    "bucket's policy and access list. On Azure turn off allowBlobPublicAccess of the storage account, "
    "or the public access of the container.",
    equivalents={
        "prowler": (
            "cloudstorage_bucket_public_access",
            "s3_bucket_public_access",
        ),
        "security_hub": (
            "S3.2",
            "S3.3",
        ),
        "aws_config": (
            "s3-bucket-public-read-prohibited",
            "s3-bucket-public-write-prohibited",
        ),
    },
    judge=judge,
)
