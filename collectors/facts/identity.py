"""Who can sign in, with what, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from collectors.facts.core import Fact, Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class RootUser(Fact):
    """The all-powerful owner identity of an account: one that nobody made, and that no policy can limit."""

    clouds: ClassVar[tuple[str, ...]] = ("aws",)
    """Elsewhere the highest role of the directory is held by people: see `directory.AdminRole`."""

    has_mfa: bool | Unread
    has_password: bool | Unread
    """False when root credentials were removed centrally: then there is nothing to sign in with."""
    active_keys: int | Unread
    """Number of long-lived API keys that work."""
    last_used: datetime | None | Unread
    """Newest use of password or keys; None when never used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Fact):
    """A person's or workload's own identity in the account (not a federated one)."""

    created: datetime | Unread
    can_sign_in: bool | Unread
    """Has a working console password, or another way in that is not blocked."""
    has_mfa: bool | Unread
    """Has a second factor that the rules let it use."""
    mfa_devices: int | Unread
    password_last_used: datetime | None | Unread
    """None when the password was never used."""
    password_changed: datetime | None | Unread
    """When the password was set, as far as the provider tells; None without a password."""
    direct_policies: tuple[str, ...] | None | Unread
    """Names of policies attached to, or written into, the user itself instead of a group or role.  None where each
    account gives rights to people by itself: see `BoundMember`."""
    guest: bool | Unread
    """Comes from another organization's directory."""
    invited_since: datetime | None | Unread
    """Since when an invitation awaits an answer; None when none does."""
    keys_told: bool = True
    """The provider lists its access keys; False where it lists none of people's, so that nobody can count them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKey(Fact):
    """A long-lived API credential of a user or service account."""

    owner: str
    active: bool | Unread
    created: datetime | Unread
    last_used: datetime | None | Unread
    """None when the key was never used."""
    expires: datetime | None | Unread = None
    """When it stops working by itself; None when it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordPolicy(Fact):
    """The account's rules for console passwords."""

    clouds: ClassVar[tuple[str, ...]] = ("aws", "gcp")
    """Entra ID fixes length, characters and reuse itself; what a company can set is `directory.PasswordProtection`."""

    exists: bool | Unread
    """False when the company never set one, so the provider's weak default applies."""
    minimum_length: int | Unread
    remembered: int | Unread
    """How many earlier passwords may not be used again; 0 when reuse is allowed."""
    maximum_age_days: int | None | Unread
    """None when passwords never expire."""
    requires_upper: bool | Unread
    requires_lower: bool | Unread
    requires_digit: bool | Unread
    requires_symbol: bool | Unread


class PolicyOrigin(StrEnum):
    """Who wrote a policy."""

    CUSTOMER = "customer"
    PROVIDER = "provider"
    INLINE = "inline"


class WatchedRight(StrEnum):
    """A right that costs or reveals much, and that few need."""

    MARKETPLACE = "buying on the marketplace"
    """Orders from other sellers in the company's name."""
    MODELS = "full control of AI models"
    """Making, changing and using models of the provider's service for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPolicy(Fact):
    """A policy and what its allow statements amount to."""

    origin: PolicyOrigin | Unread
    attached_to: tuple[str, ...] | Unread
    """Uids of the users, groups and roles that hold it."""
    account_wide: tuple[str, ...] | Unread
    """Those of them who hold it for the whole account and not for a part of it."""
    allows_everything: bool | Unread
    """Some allow statement covers every action on every resource."""
    controls_audit_trail: bool | Unread
    """Some allow statement covers every action of the audit-trail service on every resource."""
    watched: tuple[WatchedRight, ...] | Unread
    """Watched rights that it gives on every resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDirectory(Fact):
    """Independent counts of the same population, to show that the user list is complete."""

    listed: int | Unread
    counted_by_provider: int | None | Unread
    """The provider's own total; None where it tells none."""
    reported: int | None | Unread
    """Rows of the provider's own report on credentials, without one of the root user; None where it makes none."""
    report_generated: datetime | None | Unread
    """When the provider made that report: it may be hours old; None where it makes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccount(Fact):
    """An identity of programs that can be given keys of its own, which a person may take along."""

    clouds: ClassVar[tuple[str, ...]] = ("gcp",)
    """On AWS and Azure programs act by roles and managed identities, which have no such keys."""

    member: str
    """How policies name it."""
    enabled: bool | Unread
    own_keys: int | Unread
    """Number of working keys that the company made for it, and has to guard and replace by itself."""


class MemberKind(StrEnum):
    """What a policy can name."""

    PERSON = "person"
    GROUP = "group"
    PROGRAM = "program"
    PROVIDER = "provider"
    """A program of the provider's own, which works for the company and cannot be taken over by it."""
    EVERYBODY = "everybody"
    """Everybody on the internet, whether they sign in or not."""
    OTHER = "other"
    """A domain as a whole, or whoever another provider vouches for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundMember(Fact):
    """Somebody whom the policies of an account, or of what stands above it, give roles for the whole account."""

    clouds: ClassVar[tuple[str, ...]] = ("gcp",)
    """On AWS policies hang on identities, see `User`, and on Azure the assignments are in `AccessPolicy`."""

    kind: MemberKind
    roles: tuple[str, ...]
    """Names of the roles that it holds for certain, with or without a condition."""
    complete: bool | Unread
    """True when every policy was read that could give it more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey(Fact):
    """A text by which a program tells a service of the provider which account it belongs to, and which gets no further.

    Its age is that of the `AccessKey` with the same uid.
    """

    clouds: ClassVar[tuple[str, ...]] = ("gcp",)

    services: tuple[str, ...] | Unread
    """Services that it opens; empty when it opens every one that takes such keys."""
    callers_limited: bool | Unread
    """It works only from addresses, sites or apps that the company named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIns(Fact):
    """How people signed in over the last days, as the record of activity tells; one fact per region scanned."""

    clouds: ClassVar[tuple[str, ...]] = ("aws",)
    """Elsewhere nobody signs in to an account: people sign in to the directory, whose rules say how."""

    days: int
    """How far back it looks."""
    root: tuple[str, ...] | Unread
    """Days on which the root user signed in, `2026-06-14`."""
    single_factor: tuple[str, ...] | Unread
    """Names of those who signed in with a password alone; `root` for the root user.  People who come from another
    identity provider are left out."""
