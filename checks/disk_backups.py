"""What the central backup service has of a disk: backups of the disk, or of the machine that it is attached to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from checks.api import Facts, unread_in
from collectors.facts.core import Unread
from collectors.facts.recovery import ProtectedResource
from collectors.facts.stores import Disk


@dataclass(frozen=True, slots=True)
class Backups:
    """The newest backup of a disk as far as it is known."""

    newest: datetime | None
    said_by: tuple[ProtectedResource, ...]
    gaps: tuple[Unread, ...]
    """Why there may be a newer one; empty when there is none."""


def protected_resources(facts: Facts) -> dict[str, ProtectedResource]:
    """All that the central backup service protects, by uid."""
    return {entry.resource.uid: entry for entry in facts.of(ProtectedResource)}


def backups_of(disk: Disk, protected: Mapping[str, ProtectedResource], facts: Facts) -> Backups:
    """What is known of a disk's backups.  A machine is backed up with all its disks."""
    uids = [disk.resource.uid, *([disk.machine] if isinstance(disk.machine, str) else [])]
    found = tuple(protected[uid] for uid in uids if uid in protected)
    dates = [entry.last_backup for entry in found]
    gaps = [*unread_in(*dates, disk.machine)]
    unlisted = facts.unlisted(ProtectedResource, disk.resource.region)
    if unlisted is not None and len(found) < len(uids):
        gaps.append(unlisted)
    return Backups(max((each for each in dates if isinstance(each, datetime)), default=None), found, tuple(gaps))
