"""Every disk has a snapshot, or a backup of the central service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, fails, passes, unknown, unread_in
from checks.disk_backups import backups_of, protected_resources
from collectors.facts.recovery import ProtectedResource
from collectors.facts.stores import Disk


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per disk; a backup that the service keeps out of sight of the disk is a copy like any other."""
    protected = protected_resources(facts)
    for disk in facts.of(Disk):
        backups = backups_of(disk, protected, facts)
        if isinstance(disk.newest_snapshot, datetime):
            yield passes(disk, "there is a completed snapshot")
        elif backups.newest is not None:
            yield passes(disk, "the central backup service has a backup of it or of its machine", *backups.said_by)
        elif gaps := (*unread_in(disk.newest_snapshot), *backups.gaps):
            yield unknown(disk, *gaps)
        else:
            yield fails(disk, "there is neither a completed snapshot nor a backup", *backups.said_by)


CHECK = Check(
    id="backup.disk_snapshot_exists",
    title="Disks have a snapshot",
    criteria=(
        Criterion("A1.2", PARTIAL, "the disk can be restored, at least to some moment"),
        Criterion("PI1.5", PARTIAL, "what the disk holds is not lost with it"),
        Criterion("CC7.5", SUPPORTING, "recovery from an incident starts from a copy"),
    ),
    severity="medium",
    needs=(Disk, ProtectedResource),
    remediation="Make snapshots of the EBS volume, best by a lifecycle policy of Amazon Data Lifecycle Manager or "
    "an AWS Backup plan. On Azure protect the machine or the disk by a vault, or take snapshots of the "
    "managed disk.",
    equivalents={
        "prowler": ("ec2_ebs_volume_snapshots_exists",),
    },
    judge=judge,
)
