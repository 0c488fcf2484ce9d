"""Objects travel only over encrypted connections."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.stores import ObjectStore


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per object store."""
    for store in facts.of(ObjectStore):
        yield decide(
            store,
            store.requires_tls,
            yes="requests without TLS are refused",
            no="requests without TLS are not refused",
        )


CHECK = Check(
    id="encryption.object_store_tls",
    title="Object stores refuse requests without TLS",
    criteria=(
        Criterion("CC6.7", DIRECT, "data is encrypted whenever it is sent or fetched"),
        Criterion("C1.1", PARTIAL, "confidential objects cannot be overheard on their way"),
    ),
    severity="medium",
    needs=(ObjectStore,),
    remediation="Add a bucket policy statement that denies s3:* when aws:SecureTransport is false. On Azure turn on "
    "secure transfer of the storage account (supportsHttpsTrafficOnly).",
    equivalents={
        "prowler": (
            "s3_bucket_secure_transport_policy",
            "storage_secure_transfer_required_is_enabled",
        ),
        "aws_config": ("s3-bucket-ssl-requests-only",),
        "security_hub": ("S3.5",),
        "cis": ("AWS 2.1.1",),
    },
    judge=judge,
)
