"""One process at a time per target.  This saves double work.

What forbids double runs is the ledger's slot key.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import PendingRollbackError

from storage.canon import sha256
from storage.engine import Store, faults_named
from storage.errors import LeaseHeld, StoreUnreachable
from storage.faults import DRIVER_ERRORS

_guard = threading.Lock()
_in_memory: set[tuple[int, str]] = set()


@contextmanager
def lease(store: Store, name: str) -> Iterator[Callable[[], bool]]:
    """Hold the lease called `name` for the length of the block; LeaseHeld at once when somebody else has it.

    What is yielded tells whether it is still held: a server that was restarted has forgotten it.  The system gives
    it back when the holder dies: a lock on a file beside a SQLite database, a session lock on its own connection on
    PostgreSQL (not through a pooler that shares sessions).
    """
    if store.dialect == "postgresql":
        holding = _session_lock(store, name)
    elif store.path is not None:
        holding = _file_lock(store.path, name)
    else:
        holding = _process_lock(store, name)
    with holding as held:
        yield held


def _held(name: str) -> LeaseHeld:
    return LeaseHeld(f"another process works on {name!r} at the moment; this one does not start")


@contextmanager
def _file_lock(database: Path, name: str) -> Iterator[Callable[[], bool]]:
    """Lock a file of our own; it stays behind, as removing it would let two holders in."""
    path = database.with_name(f"{database.name}.{sha256(name.encode()).hex()[:16]}.lock")
    try:
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise StoreUnreachable(f"{path}: the lock file cannot be opened ({error.strerror})") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _held(name) from error
        yield lambda: True
    finally:
        os.close(handle)


@contextmanager
def _session_lock(store: Store, name: str) -> Iterator[Callable[[], bool]]:
    """Lock on a connection that does nothing else and is closed afterwards, not given back to the pool."""
    key = int.from_bytes(sha256(b"lease\0" + name.encode())[:8], "big", signed=True)
    with faults_named(store.where):
        connection = store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        with faults_named(store.where):
            connection.detach()
            # If our machine vanishes, the server notices within half a minute and frees the lock.
            for setting, seconds in (("idle", 10), ("interval", 5), ("count", 3)):
                connection.execute(text(f"SET tcp_keepalives_{setting} = {seconds}"))
            if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}):
                raise _held(name)
            session = _session(connection)
        yield lambda: _session(connection) == session
    finally:
        # The server notices a closed connection a moment late, and the next holder may come right after us.
        with suppress(*DRIVER_ERRORS, PendingRollbackError):
            connection.execute(text("SELECT pg_advisory_unlock_all()"))
        connection.close()


def _session(connection: Connection) -> int | None:
    """Number of the server's process behind the connection; None when it is gone."""
    if connection.invalidated:
        return None
    try:
        found: int | None = connection.scalar(text("SELECT pg_backend_pid()"))
    except DRIVER_ERRORS:
        return None
    return found


@contextmanager
def _process_lock(store: Store, name: str) -> Iterator[Callable[[], bool]]:
    """A database in memory belongs to one process, so a note in that process is enough."""
    mine = (id(store.engine), name)
    with _guard:
        if mine in _in_memory:
            raise _held(name)
        _in_memory.add(mine)
    try:
        yield lambda: True
    finally:
        with _guard:
            _in_memory.discard(mine)
