"""What an account consists of, and how much of it is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collectors.facts.core import Fact, Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class EnabledRegion(Fact):
    """A region in which the account can hold resources."""

    scanned: bool | Unread
    """This run reads it; False when the configuration leaves it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnabledServices(Fact):
    """Services of the provider that an account has switched on; exactly one fact per account."""

    clouds: ClassVar[tuple[str, ...]] = ("gcp",)
    """Elsewhere every service can be used without being switched on first."""

    names: tuple[str, ...] | Unread
    """As the provider writes them: `cloudasset.googleapis.com`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAccess(Fact):
    """Whether the provider's own staff must ask before they look at data; exactly one fact per account."""

    clouds: ClassVar[tuple[str, ...]] = ("gcp",)
    """AWS has nothing of the kind, and what Azure has can be seen in its portal alone."""

    approval_for: tuple[str, ...] | Unread
    """Services for which somebody of the company has to agree, `all` for every one that knows this and `above` for
    those that were named for more than this account; empty for none."""
    receivers: int | Unread
    """Number of addresses that are told of a request."""
