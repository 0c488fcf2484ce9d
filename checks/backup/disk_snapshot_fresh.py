"""The newest snapshot of every disk is recent."""

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
)
from checks.thresholds import number
from checks.when import day, older_than
from collectors.facts.core import Unread
from collectors.facts.stores import Disk


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per disk."""
    days = number(params, "max_age_days")
    for disk in facts.of(Disk):
        newest = disk.newest_snapshot
        if isinstance(newest, Unread):
            yield unknown(disk, newest)
        elif newest is None:
            yield fails(disk, "there is no completed snapshot")
        elif older_than(newest, days, now):
            yield fails(disk, f"newest snapshot was made on {day(newest)}, more than {days} days ago")
        else:
            yield passes(disk, f"newest snapshot was made within {days} days")


CHECK = Check(
    id="backup.disk_snapshot_fresh",
    title="Disks have a recent snapshot",
    criteria=(
        Criterion("A1.2", DIRECT, "a restored disk has lost only a few days"),
        Criterion("PI1.5", PARTIAL, "what was written last week is not lost with the disk"),
        Criterion("CC7.5", SUPPORTING, "recovery from an incident starts from a current copy"),
    ),
    severity="medium",
    needs=(Disk,),
    remediation="Schedule snapshots of the EBS volume by a lifecycle policy of Amazon Data Lifecycle "
    "Manager or an AWS Backup plan.",
    equivalents={},
    judge=judge,
    params=(Param("max_age_days", 7, "days", "greatest age of the newest snapshot"),),
    time_dependent=True,
)
