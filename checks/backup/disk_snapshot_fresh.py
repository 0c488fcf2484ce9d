"""The newest copy of every disk is recent: a snapshot, or a backup of the central service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    PARTIAL,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    fails,
    passes,
    unknown,
    unread_in,
)
from checks.disk_backups import backups_of, protected_resources
from checks.thresholds import number
from checks.when import day, older_than
from collectors.facts.recovery import ProtectedResource
from collectors.facts.stores import Disk


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per disk, about the newest copy; a backup of its machine holds the disk too."""
    days = number(params, "max_age_days")
    protected = protected_resources(facts)
    for disk in facts.of(Disk):
        backups = backups_of(disk, protected, facts)
        copies = {"snapshot": disk.newest_snapshot, "backup": backups.newest}
        dates = {then: what for what, then in copies.items() if isinstance(then, datetime)}
        newest = max(dates, default=None)
        if newest is not None and not older_than(newest, days, now):
            yield passes(disk, f"newest {dates[newest]} was made within {days} days", *backups.said_by)
        elif gaps := (*unread_in(disk.newest_snapshot), *backups.gaps):
            yield unknown(disk, *gaps)
        elif newest is None:
            yield fails(disk, "there is neither a completed snapshot nor a backup", *backups.said_by)
        else:
            said = f"newest {dates[newest]} was made on {day(newest)}, more than {days} days ago"
            yield fails(disk, said, *backups.said_by)


CHECK = Check(
    id="backup.disk_snapshot_fresh",
    title="Disks have a recent snapshot",
    criteria=(
        Criterion("A1.2", DIRECT, "a restored disk has lost only a few days"),
        Criterion("PI1.5", PARTIAL, "what was written last week is not lost with the disk"),
        Criterion("CC7.5", SUPPORTING, "recovery from an incident starts from a current copy"),
    ),
    severity="medium",
    needs=(Disk, ProtectedResource),
    remediation="Schedule snapshots of the EBS volume by a lifecycle policy of Amazon Data Lifecycle Manager or an "
    "AWS Backup plan. On Azure look for failed jobs of the vault that protects the machine or the disk.",
    equivalents={},
    judge=judge,
    params=(Param("max_age_days", 7, "days", "greatest age of the newest snapshot"),),
    time_dependent=True,
)
