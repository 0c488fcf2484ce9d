"""What an account consists of, and how much of it is looked at."""

from __future__ import annotations

from dataclasses import dataclass

from collectors.facts.core import Fact, Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class EnabledRegion(Fact):
    """A region in which the account can hold resources."""

    scanned: bool | Unread
    """This run reads it; False when the configuration leaves it out."""
