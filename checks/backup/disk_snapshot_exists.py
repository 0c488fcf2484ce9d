"""Every disk has a snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.stores import Disk


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per disk."""
    for disk in facts.of(Disk):
        if isinstance(disk.newest_snapshot, Unread):
            yield unknown(disk, disk.newest_snapshot)
        elif disk.newest_snapshot is None:
            yield fails(disk, "there is no completed snapshot")
        else:
            yield passes(disk, "there is a completed snapshot")


CHECK = Check(
    id="backup.disk_snapshot_exists",
    title="Disks have a snapshot",
    criteria=(
        Criterion("A1.2", PARTIAL, "the disk can be restored, at least to some moment"),
        Criterion("PI1.5", PARTIAL, "what the disk holds is not lost with it"),
        Criterion("CC7.5", SUPPORTING, "recovery from an incident starts from a copy"),
    ),
    severity="medium",
    needs=(Disk,),
    remediation="Make snapshots of the EBS volume, best by a lifecycle policy of Amazon Data Lifecycle "
    "Manager or an AWS Backup plan.",
    equivalents={
        "prowler": ("ec2_ebs_volume_snapshots_exists",),
    },
    judge=judge,
)
