"""How long something that was deleted can be brought back."""

from __future__ import annotations

from checks.api import Finding, fails, not_applicable, passes, unknown
from collectors.facts.core import Fact, Unread


def recoverable(fact: Fact, days: int | None | Unread, minimum: float, *, what: str, without: str) -> Finding:
    """Whether a deleted `what` is kept for `minimum` days or more.

    `days` is 0 when it is gone at once, and None when nobody can choose; `without` then says so.
    """
    match days:
        case Unread() as gap:
            return unknown(fact, gap)
        case None:
            return not_applicable(fact, without)
        case 0:
            return fails(fact, f"a deleted {what} is gone at once")
        case _ if days < minimum:
            return fails(fact, f"a deleted {what} is kept for {days} days, less than {minimum} days")
        case _:
            return passes(fact, f"a deleted {what} is kept for {days} days")
