"""Everything that can go wrong with the store, each with one line that names what to do.

Nothing here imports a database library, so that a command line can name these classes at start-up.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(us: int) -> str:
    """Microseconds since the epoch as ISO 8601 in UTC, always with six decimals."""
    return (_EPOCH + timedelta(microseconds=us)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class StoreError(Exception):
    """The store cannot do what was asked; the message is one line for an operator and holds no secret."""


class StoreUrlInvalid(StoreError):
    """The database URL is not one that this store understands."""


class StoreUnreachable(StoreError):
    """The database file cannot be opened, or the server does not answer or does not let us in."""


class StoreLocked(StoreError):
    """Another process held the database longer than the busy timeout."""


class StoreFull(StoreError):
    """The disk, or the limit set for the database, is full; nothing of the transaction was kept."""


class StoreReadOnly(StoreError):
    """A write reached a database, or a role, that may only read."""


class SchemaAbsent(StoreError):
    """There is no database, or there are no tables in it."""


class SchemaOlder(StoreError):
    """The tables belong to an earlier release and need an upgrade."""


class SchemaNewer(StoreError):
    """The tables belong to a later release than this program."""


class AppendOnlyViolation(StoreError):
    """A guard of the database refused to change, delete or replace evidence."""


class IntegrityError(StoreError):
    """Bytes, hashes or history disagree: stop, tell somebody, repair nothing."""


class ClockWentBack(StoreError):
    """The clock reads earlier than the newest ledger entry."""

    def __init__(self, now: int, last: int) -> None:
        """Keep both times, in microseconds."""
        super().__init__(
            f"clock went back: it reads {instant(now)}, but the newest ledger entry is from {instant(last)}; "
            "correct the clock, nothing was written"
        )
        self.now = now
        self.last = last


class SlotSealed(StoreError):
    """A run for this target and slot is already in the ledger."""


class RunUnknown(StoreError):
    """The run to seal or abort was never announced, or has already ended."""


class LeaseHeld(StoreError):
    """Another process works on this target at the moment."""


class KeyFileUnsafe(StoreError):
    """The private key file is readable by others, or is not an Ed25519 key."""


class NoteInvalid(StoreError):
    """A checkpoint note is malformed, or its signature does not fit the expected key."""


class NotEncodable(StoreError, ValueError):
    """A value has no exact, repeatable encoding and so cannot become evidence."""
