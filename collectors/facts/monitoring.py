"""What records and watches: audit trails, log stores, configuration recorders, threat detectors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collectors.facts.core import Fact, Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditTrail(Fact):
    """A trail of administrative activity."""

    all_regions: bool | Unread
    logging: bool | Unread
    validated: bool | None | Unread
    """The provider signs digests of the log files, so changes can be detected; None where it signs nothing, so that
    only a locked store keeps them as they are."""
    customer_key: str | None | Unread
    key_of_store: bool = False
    """Log files are encrypted as their store is, and the trail itself has no say in it."""
    store: str | None | Unread
    """Uid of the object store that it delivers to; None when it delivers to none."""
    delivery_told: bool = True
    """The provider tells when it delivered last and what went wrong; where it does not, the three fields about
    delivery are None."""
    delivery_error: str | None | Unread
    """The provider's newest delivery error; None when delivery works."""
    last_delivery: datetime | None | Unread
    searchable_in: str | None | Unread
    """Log store that it also streams to; None when it does not."""
    last_search_delivery: datetime | None | Unread
    management_reads: bool | None | Unread
    """Records every read of settings; a trail that leaves out a service does not.  None where the provider records
    no reads of settings at all."""
    management_writes: bool | Unread
    """Records every change of settings, likewise."""
    objects_elsewhere: bool = False
    """Access to objects is logged by each object store by itself, and a trail cannot record it."""
    object_reads: bool | Unread
    """Records reads of objects in every object store."""
    object_writes: bool | Unread
    function_calls: bool | None | Unread = None
    """Records every call of every function that the provider runs; None where a trail cannot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogExports(Fact):
    """Where every entry of all logs is copied to, beside where the provider keeps it; exactly one fact per account."""

    clouds: ClassVar[tuple[str, ...]] = ("gcp",)
    """Elsewhere each log is sent somewhere by itself, and trails export the record of activity."""

    everything_to: tuple[str, ...] | Unread
    """Uids of destinations that get all of it; empty when none does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStore(Fact):
    """A log group or workspace."""

    retention_days: int | None | Unread
    """None when logs never expire."""
    customer_key: str | None | Unread
    metric_filters: tuple[str, ...] | Unread
    """Patterns that turn log lines into metrics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationRecorder(Fact):
    """The provider's recorder of configuration changes, one fact per region scanned."""

    exists: bool | Unread
    recording: bool | Unread
    all_resources: bool | Unread
    last_status: str | None | Unread
    """The provider's newest delivery status; None when it never delivered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatDetector(Fact):
    """The provider's intrusion and threat detection, one fact per region scanned."""

    enabled: bool | Unread
    """False when there is no detector or it is suspended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCoverage(Fact):
    """What all audit trails of an account achieve together; exactly one fact per account."""

    trails: int | Unread
    covers_all_regions: bool | Unread
    """Some trail is on and records every region."""
    covering: tuple[str, ...] | Unread
    """Names of the trails that are known to do so."""
    function_calls: bool | None | Unread = None
    """Some such trail records every call of every function that the provider runs; None where a trail cannot."""
