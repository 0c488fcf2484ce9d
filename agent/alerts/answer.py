"""What a receiver made of one message, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from storage.rows import OutboxRow

LATER = frozenset({408, 425, 429})
"""HTTP statuses of the 400s that ask for patience; the others say that the message will never be taken."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes, not now, or never."""

    error: str = ""
    """Why not, in a few words without addresses, headers or secrets; empty for yes."""
    permanent: bool = False
    """Whether another attempt would be refused as well."""
    wait: float = 0.0
    """Seconds that the receiver asks for before the next attempt."""


YES = Answer()

Send = Callable[[OutboxRow, int], Answer]
"""Hands one message to its receiver; the second argument is the time, in microseconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a receiver may take, and how much is done at once."""

    connect: float = 5.0
    """Seconds until a connection must stand."""
    read: float = 15.0
    """Seconds until the answer must be there."""
    turn: float = 30.0
    """Seconds after which a receiver's turn ends, so that a slow one with a long queue does not hold up the others."""
    parallel: int = 8
    """Receivers that are served at once."""


def is_permanent(statuses: Collection[int]) -> bool:
    """Whether these HTTP statuses say that another attempt is of no use."""
    return bool(statuses) and all(status // 100 == 4 and status not in LATER for status in statuses)  # noqa: PLR2004
