"""New disks are encrypted without anybody having to think of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.stores import DiskDefaults


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per region."""
    for region in facts.of(DiskDefaults):
        yield decide(
            region,
            region.encrypted_by_default,
            yes="new disks of this region are encrypted by default",
            no="new disks of this region are not encrypted by default",
        )


CHECK = Check(
    id="encryption.disk_default",
    title="New disks are encrypted by default",
    criteria=(
        Criterion("CC6.1", PARTIAL, "encryption does not depend on each person who creates a disk"),
        Criterion("CC5.2", SUPPORTING, "the rule is built into the platform"),
    ),
    severity="medium",
    needs=(DiskDefaults,),
    remediation="Turn on EBS encryption by default in the region's EC2 settings (EnableEbsEncryptionByDefault).",
    equivalents={
        "prowler": ("ec2_ebs_default_encryption",),
        "aws_config": ("ec2-ebs-encryption-by-default",),
        "security_hub": ("EC2.7",),
        "cis": ("AWS 2.2.1",),
    },
    judge=judge,
)
