"""What services write down where that has to be switched on: about their use, and about the work that they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collectors.facts.core import Fact, Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class UseLog(Fact):
    """What one resource of a service writes down about its use: who called it, and what passed through it.

    Load balancers, web apps, object stores, databases and networks have facts of their own.
    """

    clouds: ClassVar[tuple[str, ...]] = ("aws", "gcp")
    """On Azure the facts about each service say where its diagnostic setting sends such a log."""

    what: str
    """In words: `stage of an API`, `public zone`."""
    kinds: tuple[str, ...] | Unread
    """Logs that it has, in words that follow `log of`; empty while nobody uses it, so that there is nothing to log."""
    kept: tuple[str, ...] | Unread
    """Those of them that are written and go somewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkLog(Fact):
    """What a job or a program that the provider runs writes down about its own work: what it did, and what failed."""

    clouds: ClassVar[tuple[str, ...]] = ("aws",)
    """On Google Cloud jobs and programs always log, and on Azure they do so by the setting of their app."""

    what: str
    """In words: `build project`, `replication task`."""
    kinds: tuple[str, ...] | Unread
    """Logs that it has, in words that follow `log of`; empty while nobody uses it, so that there is nothing to log."""
    kept: tuple[str, ...] | Unread
    """Those of them that are written and go somewhere."""
