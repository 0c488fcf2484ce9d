"""How the accounts of a company are held together, where accounts belong to an organization."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collectors.facts.core import Fact, Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization(Fact):
    """What an account decides for all accounts of its organization; exactly one fact per account."""

    clouds: ClassVar[tuple[str, ...]] = ("aws",)
    """Azure and Google Cloud hold subscriptions and projects together in their directory, whose roles and policies are
    facts of their own."""

    in_charge: bool | Unread
    """This account manages an organization; False for one that belongs to another account's, or to none."""
    limits: tuple[str, ...] | Unread
    """Names of policies that take rights away from accounts and are in force for some, sorted."""
    administrators: tuple[str, ...] | Unread
    """Other accounts that administer some service for the whole organization, sorted."""
    root_managed: bool | Unread
    """Credentials of root users can be taken away from the accounts, and are managed in one place."""
