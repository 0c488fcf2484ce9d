"""Disks are encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.stores import Disk


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per disk, attached or not: a detached disk keeps its data."""
    for disk in facts.of(Disk):
        yield decide(disk, disk.encrypted_at_rest, yes="disk is encrypted", no="disk is not encrypted")


CHECK = Check(
    id="encryption.disk_at_rest",
    title="Disks are encrypted at rest",
    criteria=(
        Criterion("CC6.1", DIRECT, "stored data is unreadable without the key"),
        Criterion("C1.1", PARTIAL, "confidential files stay protected while they are kept"),
    ),
    severity="high",
    needs=(Disk,),
    remediation="Copy a snapshot of the volume with encryption on, create a volume from the copy and swap it in: "
    "Encrypted cannot be changed later. On Azure managed disks are always encrypted.",
    equivalents={
        "prowler": ("ec2_ebs_volume_encryption",),
        "aws_config": ("encrypted-volumes",),
        "security_hub": ("EC2.3",),
    },
    judge=judge,
)
