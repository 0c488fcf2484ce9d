"""Where data rests: object stores, databases, disks, file systems, queues, topics, secrets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collectors.facts.core import Fact, Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectStore(Fact):
    """A bucket or blob container."""

    encrypted_at_rest: bool | Unread
    customer_key: str | None | Unread
    """The customer-managed key that new objects are encrypted with; None with the provider's own key or none."""
    requires_tls: bool | Unread
    """Requests without TLS are refused."""
    versioned: bool | Unread
    access_log_to: str | None | Unread
    """Where access is logged to; None when it is not logged."""
    public: bool | Unread
    """Anybody on the internet is allowed in, by policy or access list, and nothing blocks it."""
    public_access_blocked: bool | Unread
    """Every public-access guard that the provider offers is on for this store itself."""
    object_lock_days: int | None | Unread
    """Default retention in days under object lock; 0 when lock is on without a default; None when it is off."""
    expires_objects: bool | Unread
    """Some enabled lifecycle rule deletes current or old objects."""
    replicated_to: tuple[str, ...] | Unread
    """Destinations of enabled replication rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPublicAccess(Fact):
    """The account-wide guard against public object stores."""

    clouds: ClassVar[tuple[str, ...]] = ("aws", "gcp")
    """On Azure each storage account has its own guard, and nothing stands above them but a policy."""

    blocked: bool | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Database(Fact):
    """A managed database: an instance, a cluster or a table service's table."""

    engine: str
    clustered: bool
    """Member of a cluster, which carries backups and logs in its stead."""
    encrypted_at_rest: bool | Unread
    customer_key: str | None | Unread
    public: bool | Unread
    """Has a public network address."""
    backup_days: int | Unread
    """Days that automatic backups are kept; 0 when they are off."""
    point_in_time: bool | None | Unread
    """Can be restored to any moment of the retention window; None where the engine has nothing but whole copies."""
    deletion_protected: bool | None | Unread
    """None where the engine has no such setting, and only a lock on the resource keeps it from being deleted."""
    multi_zone: bool | Unread
    exported_logs: tuple[str, ...] | None | Unread
    """Log streams exported to the central log service; None where the engine offers none."""
    copies_tags_to_snapshots: bool | None | Unread
    """None where the engine has no such setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSnapshot(Fact):
    """A kept copy of a database."""

    clouds: ClassVar[tuple[str, ...]] = ("aws", "gcp")
    """On Azure a copy of a database has no settings of its own: it is encrypted as its `Database` is."""

    encrypted_at_rest: bool | Unread
    created: datetime | None | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk(Fact):
    """A block volume."""

    encrypted_at_rest: bool | Unread
    customer_key: str | None | Unread
    attached: bool | Unread
    newest_snapshot: datetime | None | Unread
    """When the newest completed snapshot of this disk in this account was started; None when there is none."""
    machine: str | None | Unread = None
    """Uid of the machine that it is attached to, a backup of which holds the disk too; None when it is detached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskSnapshot(Fact):
    """A kept copy of a block volume."""

    encrypted_at_rest: bool | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskDefaults(Fact):
    """What happens to new disks of one region."""

    clouds: ClassVar[tuple[str, ...]] = ("aws",)
    """Azure and Google Cloud encrypt every disk: there is nothing to set."""

    encrypted_by_default: bool | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSystem(Fact):
    """A managed network file system."""

    encrypted_at_rest: bool | Unread
    customer_key: str | None | Unread
    backed_up: bool | None | Unread
    """The file system's own automatic backup is on; None where it has none and only a backup service can do it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic(Fact):
    """A publish-and-subscribe channel."""

    encryption_key: str | None | Unread
    """Key for server-side encryption; None when messages are not encrypted at rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue(Fact):
    """A message queue."""

    clouds: ClassVar[tuple[str, ...]] = ("aws", "azure")
    """On Google Cloud a message waits in a subscription of its `Topic`, by whose key it is encrypted."""

    encrypted_at_rest: bool | Unread
    customer_key: str | None | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream(Fact):
    """A log of records that stay for a time, read or not, so that they can be read once more."""

    encrypted_at_rest: bool | Unread
    kept_hours: int | Unread
    """Hours that a record stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret(Fact):
    """Metadata of a stored secret; never its value."""

    rotates: bool | Unread
    rotation_days: int | None | Unread
    changed: datetime | None | Unread
    """Newest change of the value; None when never changed since creation."""
    created: datetime | None | Unread
    enabled: bool | Unread = True
    """It can be read at all; False when the company switched it off."""
    can_expire: bool = False
    """The store lets the company set an end date."""
    expires: datetime | None | Unread
    """When it stops working; None when it never does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptionKey(Fact):
    """A key of the key management service."""

    customer_managed: bool | Unread
    enabled: bool | Unread
    rotatable: bool | Unread
    """Symmetric with provider-made material: the only kind that can rotate automatically."""
    rotates: bool | Unread
    rotation_days: int | None | Unread
    deletion_date: datetime | None | Unread
    """When the key will be destroyed; None when no deletion is pending."""
    users: tuple[str, ...] | None | Unread = None
    """Whom a policy of the key itself lets encrypt or decrypt, as policies name them; None where rights to a key are
    among those of an identity or of a vault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestedKey(Fact):
    """What a key of the company's own asks to know of the program that wants something decrypted."""

    clouds: ClassVar[tuple[str, ...]] = ("aws",)
    """Elsewhere the key's own policy does not ask: Azure hands the key itself out by a release policy, and on Google
    Cloud a program is measured where it gets its identity."""

    attested: bool | Unread
    """Its policy speaks of measurements of the program."""
    unattested: tuple[str, ...] | Unread
    """Names of statements of the policy that let somebody have something decrypted without any measurement."""
    pinned: tuple[str, ...] | Unread
    """Measurements of which every statement that asks for some names the values: `PCR0`."""
    values: tuple[str, ...] | Unread
    """Each value that is named, in lower case, behind its measurement: `PCR0 ab12`."""
