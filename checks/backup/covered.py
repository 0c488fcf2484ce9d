"""Every database, disk and file system is backed up by something that runs by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from checks.api import (
    DIRECT,
    PARTIAL,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from checks.disk_backups import backups_of, protected_resources
from collectors.facts.core import Unread
from collectors.facts.recovery import ProtectedResource
from collectors.facts.stores import Database, Disk, FileSystem


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per database, disk and file system; a disk is covered with the machine that it is attached to.

    Either a backup of the central service or the resource's own automatic backups will do, so FAIL takes a
    read answer about both and a complete list of what the service protects in that region.
    """
    protected = protected_resources(facts)
    for stored in _stored(facts):
        if isinstance(stored, Disk):
            yield _disk(stored, protected, facts)
            continue
        entry = protected.get(stored.resource.uid)
        own = _own_backups(stored)
        if isinstance(stored, Database) and stored.clustered:
            yield not_applicable(stored, "backups are made of the cluster, not of its members")
        elif entry is not None and isinstance(entry.last_backup, datetime):
            yield passes(stored, "the central backup service has backups of it", entry)
        elif True in own:
            yield passes(stored, "its own automatic backups are on")
        elif gaps := unread_in(
            *own,
            entry.last_backup if entry else facts.unlisted(ProtectedResource, stored.resource.region),
        ):
            yield unknown(stored, *gaps)
        else:
            yield fails(stored, "the central backup service has no backup of it, and none of its own is automatic")


def _disk(disk: Disk, protected: Mapping[str, ProtectedResource], facts: Facts) -> Finding:
    """A disk has no backups of its own, but a backup of its machine holds it."""
    backups = backups_of(disk, protected, facts)
    if backups.newest is not None:
        return passes(disk, "the central backup service has backups of it or of its machine", *backups.said_by)
    if backups.gaps:
        return unknown(disk, *backups.gaps)
    return fails(disk, "the central backup service has no backup of it or of its machine", *backups.said_by)


def _stored(facts: Facts) -> Iterator[Database | Disk | FileSystem]:
    yield from facts.of(Database)
    yield from facts.of(Disk)
    yield from facts.of(FileSystem)


def _own_backups(stored: Database | FileSystem) -> tuple[bool | Unread, ...]:
    """Whether each automatic backup that the resource has of its own is on."""
    match stored:
        case Database():
            days = stored.backup_days
            kept = days if isinstance(days, Unread) else days > 0
            return (kept,) if stored.point_in_time is None else (kept, stored.point_in_time)
        case FileSystem():
            return () if stored.backed_up is None else (stored.backed_up,)


CHECK = Check(
    id="backup.covered",
    title="Stored data is covered by automatic backups",
    criteria=(
        Criterion("A1.2", DIRECT, "whatever holds data can be restored after a loss"),
        Criterion("PI1.5", PARTIAL, "stored records that were lost or spoiled can be brought back"),
        Criterion("CC7.5", SUPPORTING, "recovery from an incident starts from a backup"),
    ),
    severity="high",
    needs=(Database, Disk, FileSystem, ProtectedResource),
    remediation="Assign the resource to an AWS Backup plan, by ARN or by a tag that a selection names; or turn on "
    "its own automatic backups. On Azure protect the machine, disk or file share by a policy of a "
    "Recovery Services vault or Backup vault.",
    equivalents={
        "prowler": (
            "rds_instance_protected_by_backup_plan",
            "rds_cluster_protected_by_backup_plan",
            "ec2_ebs_volume_protected_by_backup_plan",
            "dynamodb_table_protected_by_backup_plan",
        ),
        "aws_config": (
            "rds-resources-protected-by-backup-plan",
            "ebs-resources-protected-by-backup-plan",
            "efs-resources-protected-by-backup-plan",
            "dynamodb-resources-protected-by-backup-plan",
        ),
        "security_hub": ("RDS.26", "EC2.28", "EFS.2", "DynamoDB.4"),
    },
    judge=judge,
    judges=(Database, Disk, FileSystem),
)
