"""A directory of people above all accounts: its sign-in rules, its roles, and what ordinary people may do in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from collectors.facts.core import Fact, Unread

EVERYONE = "everyone"
"""Among whom a rule covers: all people, guests included."""
GUESTS = "guests"
"""Among whom a rule covers or leaves out: everybody from outside."""
EVERYTHING = "everything"
"""Among the applications of a rule: all of them."""
MANAGEMENT = "management"
"""Among the applications of a rule: the one through which the cloud itself is managed."""


class Clients(StrEnum):
    """Kinds of programs that people sign in with."""

    MODERN = "modern"
    """Browsers and programs that can ask for a second factor."""
    LEGACY = "legacy"
    """Programs of protocols that know nothing but a name and a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRule(Fact):
    """One rule of the directory about what a sign-in takes."""

    clouds: ClassVar[tuple[str, ...]] = ("azure", "gcp")

    enforced: bool | Unread
    """On, and not merely reporting what it would do."""
    covers: tuple[str, ...] | Unread
    """`everyone`, `guests`, or ids of users, groups and roles."""
    applications: tuple[str, ...] | Unread
    """`everything`, `management`, or ids of applications."""
    exceptions: tuple[str, ...] | Unread
    """Whom and what it leaves out, as `user ID`, `group ID`, `role ID`, `guests`, `application ID`, `location ID`."""
    only_when: tuple[str, ...] | Unread
    """Conditions without which it does not apply at all, such as a sign-in that looks risky."""
    clients: tuple[Clients, ...] | Unread
    """Kinds of programs that it covers whole."""
    demands_mfa: bool | Unread
    """Nobody whom it covers gets in without a second factor: no weaker proof will do instead."""
    blocks: bool | Unread
    """Nobody whom it covers gets in at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminRole(Fact):
    """A role over the directory, and the people who hold it, whether themselves or through a group."""

    clouds: ClassVar[tuple[str, ...]] = ("azure", "gcp")

    highest: bool
    """The role that may do everything."""
    standing: tuple[str, ...] | Unread
    """Uids of the people who hold it all the time, sorted."""
    eligible: tuple[str, ...] | Unread
    """Uids of the people who may take it for a while, sorted."""


class Inviters(StrEnum):
    """Who may bring guests into a directory."""

    NOBODY = "nobody"
    ADMINISTRATORS = "administrators"
    MEMBERS = "members"
    EVERYONE = "everyone"
    """Guests too."""


class GuestView(StrEnum):
    """What guests see of a directory."""

    THEMSELVES = "themselves"
    SOME = "some"
    """Memberships and names of others, as far as they meet them."""
    ALL = "all"
    """What members see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectorySettings(Fact):
    """What the directory lets ordinary users and guests do; exactly one fact per directory."""

    clouds: ClassVar[tuple[str, ...]] = ("azure", "gcp")

    users_create_applications: bool | Unread
    users_create_groups: bool | Unread
    """Groups that rights are given to."""
    users_create_mail_groups: bool | Unread
    """Groups with a mailbox and shared files of their own."""
    users_create_directories: bool | Unread
    """Whole directories beside this one, of which they then are administrators."""
    consent_rules: tuple[str, ...] | Unread
    """Names of the rules by which users may let applications read their data; empty when only administrators may."""
    guests_invited_by: Inviters | Unread
    guests_see: GuestView | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordProtection(Fact):
    """How the directory meets people who guess passwords; exactly one fact per directory."""

    clouds: ClassVar[tuple[str, ...]] = ("azure",)

    lockout_after: int | Unread
    """Wrong passwords after which sign-in is locked."""
    lockout_seconds: int | Unread
    """For how long, the first time."""
    own_words_refused: bool | Unread
    """Passwords with words of the company's own list are refused, beside those that the provider knows to be bad."""


class CredentialKind(StrEnum):
    """What an application proves itself with."""

    SECRET = "secret"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCredential(Fact):
    """What an application signs in with, or signs with, when it is not managed by the provider."""

    clouds: ClassVar[tuple[str, ...]] = ("azure",)

    owner: str
    """Name of the application."""
    kind: CredentialKind | Unread
    expires: datetime | None | Unread
    """None when it never does."""
