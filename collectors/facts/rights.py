"""What identities may do once all their policies are taken together, and whom data stores let in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from collectors.facts.core import Fact, Unread

EVERYBODY = "everybody"
"""Stands among those whom a store lets in for anybody who has an account at the provider, or none."""


class IdentityKind(StrEnum):
    """What a policy can be given to and what can act."""

    USER = "user"
    ROLE = "role"


@dataclass(frozen=True, slots=True)
class Names:
    """A set of resources by their uids, in which `*` stands for any text and `?` for any one character."""

    those: tuple[str, ...]
    but: tuple[str, ...] = ()
    """Patterns of those that are not in the set all the same."""


@dataclass(frozen=True, slots=True)
class ReadingRight:
    """From which stores of one type somebody may read content, at most.

    Conditions are taken to be met, except that a denial under one is not counted.
    """

    store: str
    """Type of resource: `object_store`, `secret`, `encryption_key`."""
    allowed: tuple[Names, ...]
    denied: tuple[Names, ...]
    within: tuple[Names, ...] | None
    """What the identity's boundary leaves; None without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRights(Fact):
    """What a user or role may do by its own policies, those of its groups and its boundary, taken together.

    What the policies of an organization take away is not counted.
    """

    clouds: ClassVar[tuple[str, ...]] = ("aws",)
    """Elsewhere rights come in roles; one that lets its holder take more rights counts as one that allows everything,
    see `identity.AccessPolicy`."""

    kind: IdentityKind
    provider_owned: bool | Unread
    """A service of the provider acts by it, within a policy that the company cannot change."""
    unlimited: bool | Unread
    """It may do everything already."""
    escalations: tuple[str, ...] | Unread
    """Ways in which it could take rights that it was not given, each as the actions that make it up."""
    reads: tuple[ReadingRight, ...] | Unread
    """From which stores it may read content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyEscalation(Fact):
    """Whether a policy that the company wrote lets whoever holds it take further rights."""

    clouds: ClassVar[tuple[str, ...]] = ("aws",)
    """Elsewhere a role that does so counts as one that allows everything: see `identity.AccessPolicy`."""

    attached_to: tuple[str, ...] | Unread
    """Uids of the users, groups and roles that hold it."""
    ways: tuple[str, ...] | Unread
    """Each as the actions that make it up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleUse(Fact):
    """When somebody or something last acted by a role."""

    clouds: ClassVar[tuple[str, ...]] = ("aws",)
    """Elsewhere roles are sets of rights that nobody acts by, and who acts is in `identity.User` and its like."""

    provider_owned: bool | Unread
    """A service of the provider acts by it, and makes and deletes it."""
    created: datetime | Unread
    last_used: datetime | None | Unread
    """None when it was never used in the time that the provider looks back, which is 400 days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAccess(Fact):
    """Whom a data store's own policy lets read its content."""

    clouds: ClassVar[tuple[str, ...]] = ("aws",)
    """Elsewhere stores have no policy beside the roles that are held for them: see `identity.AccessPolicy`."""

    store: str
    """Type of store, as in `ReadingRight`."""
    named: tuple[str, ...] | Unread
    """Identities and accounts that the policy lets in, and `everybody`; programs of the provider are left out."""
    by_identity: bool | Unread
    """Identities of the account whose own policies allow it are let in beside them."""
