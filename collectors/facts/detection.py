"""What the provider watches for the company, and whom it tells: alerts, protection plans, assessments, rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collectors.facts.core import Fact, Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAlert(Fact):
    """A rule that watches the record of activity and tells somebody."""

    enabled: bool | Unread
    events: tuple[str, ...] | Unread
    """What sets it off, in lower case, `*` for any text: the provider's operations as it writes them, or `health:`
    and a kind of event in the provider's own services (`health:incident`), or `failed:` with the kind and the name
    of some work (`failed:data_job nightly`).  An event that the rule takes only under a further condition is left
    out."""
    whole_account: bool | Unread
    """Watches all of the account and not a part of it."""
    receivers: int | Unread
    """Number of people and systems that it tells, those that are switched off left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionPlan(Fact):
    """A plan of the provider's that watches one kind of workload for attacks and weaknesses, and is bought by itself.

    Its name is the resource's.  On AWS and Google Cloud such plans are features of one ThreatDetector instead.
    """

    clouds: ClassVar[tuple[str, ...]] = ("azure",)

    enabled: bool | Unread
    covers_all: bool | Unread
    """No resource of its kind is taken out of it."""
    parts: tuple[str, ...] | Unread
    """Names of its optional parts that are switched on."""
    superseded_by: tuple[str, ...] | Unread
    """Plans that took its place, when the provider has retired it; empty otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityContact(Fact):
    """Whom the provider tells of security events; exactly one fact per account."""

    mailboxes: int | Unread
    """Number of addresses that were named."""
    alerts_from: str | None | Unread
    """Least severity of which it tells: `low`, `medium`, `high` or `critical`; None when it tells of no alert."""
    tells_owners: bool | None | Unread
    """Whoever owns the account is told too; None where the provider tells contacts, and owners only in their place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment(Fact):
    """What the provider's own scanners found out about one resource under one question."""

    topic: str
    """`endpoint_protection`, `vulnerability_scanner`, `image_vulnerabilities` or `system_updates`."""
    status: str | Unread
    """`healthy`, `unhealthy`, or `exempt` where the question does not apply."""
    because: str | Unread
    """The provider's reason for that status; empty when it gives none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityFinding(Fact):
    """Something that the provider's security service holds to be wrong and that is still open."""

    severity: str | Unread
    """`low`, `medium`, `high` or `critical`."""
    what: str
    """The provider's name of the kind of finding."""
    opened: datetime | Unread
    """When it was first seen, even if it was settled for a time since."""
    muted: bool | Unread
    """The company decided not to act on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedFlaws(Fact):
    """Since when the provider's scanner knows of flaws of one thing that a new version closes, and that are open."""

    clouds: ClassVar[tuple[str, ...]] = ("aws", "gcp")
    """Azure says that there are some, and not since when it knows of each: `Assessment`."""

    critical_since: datetime | None | Unread
    """When the oldest one was first seen; None without any."""
    high_since: datetime | None | Unread
    medium_since: datetime | None | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceHub(Fact):
    """A front door for devices that is set up as a resource of its own, as Azure's are."""

    clouds: ClassVar[tuple[str, ...]] = ("azure",)

    protected: bool | Unread
    """The provider's threat detection for devices is on for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineCoverage(Fact):
    """Which sets of rules the provider holds the account's configuration against; exactly one fact per account."""

    assigned: tuple[str, ...] | Unread
    """Names of the sets that are in force for the whole account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineResult(Fact):
    """How far the account keeps to one set of rules."""

    failing: int | Unread
    """Number of resources that break one of its rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceLock(Fact):
    """A lock that stands above rights: nobody deletes what is below it before it is taken away."""

    clouds: ClassVar[tuple[str, ...]] = ("azure", "gcp")

    scope: str
    """Uid of what it is on; it holds for everything below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryCount(Fact):
    """How many resources of one type the provider's own inventory counts, apart from their listing.

    AWS has no such count without something being set up first.
    """

    clouds: ClassVar[tuple[str, ...]] = ("azure", "gcp")

    counted_type: str
    """The neutral type that is counted, as in resources: `object_store`."""
    counted: int | Unread
