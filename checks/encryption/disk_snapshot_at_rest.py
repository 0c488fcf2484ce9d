"""Kept copies of disks are encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.stores import DiskSnapshot


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per snapshot."""
    for snapshot in facts.of(DiskSnapshot):
        yield decide(snapshot, snapshot.encrypted_at_rest, yes="snapshot is encrypted", no="snapshot is not encrypted")


CHECK = Check(
    id="encryption.disk_snapshot_at_rest",
    title="Disk snapshots are encrypted at rest",
    criteria=(
        Criterion("CC6.1", DIRECT, "a copy is as unreadable without the key as its original"),
        Criterion("C1.1", PARTIAL, "confidential files stay protected in every copy"),
    ),
    severity="high",
    needs=(DiskSnapshot,),
    remediation="Copy the snapshot with Encrypted set (CopySnapshot) and delete the unencrypted one. On Azure "
    "snapshots are always encrypted.",
    equivalents={"prowler": ("ec2_ebs_snapshots_encrypted",)},
    judge=judge,
)
