"""Backups and what they cover."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collectors.facts.core import Fact, Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPlan(Fact):
    """A central schedule of backups."""

    rules: int | Unread
    selections: int | Unread
    """Number of selections that assign resources to it."""
    shortest_retention_days: int | None | Unread
    """Smallest deletion age over its rules; None when copies are kept for ever."""
    copies_elsewhere: bool | Unread
    """Some rule copies to a vault in another region or account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupVault(Fact):
    """A place where backups are kept."""

    encryption_key: str | None | Unread
    locked: bool | Unread
    """Nobody can delete a backup before its retention ends."""
    deleted_kept_days: int | None | Unread = None
    """Days for which a deleted backup can be brought back; 0 when it is gone at once; None where the service has no
    such setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedResource(Fact):
    """A resource that the central backup service has made a backup of.  Its uid is that resource's own uid."""

    last_backup: datetime | None | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPoint(Fact):
    """One backup in a vault."""

    clouds: ClassVar[tuple[str, ...]] = ("aws", "azure")
    """On Google Cloud no backup has an encryption of its own: it is encrypted as its `BackupVault` is."""

    of: str
    """Uid of the resource that was backed up."""
    completed: bool | Unread
    created: datetime | None | Unread
    encrypted_at_rest: bool | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreJob(Fact):
    """One attempt to bring something back from a backup."""

    of: str
    """Name of what was brought back, as the provider's job tells it."""
    ended: datetime | None | Unread
    """None while it is under way."""
    succeeded: bool | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupCoverage(Fact):
    """What the central backup service does in one region; exactly one fact per region scanned."""

    plans: int | Unread
