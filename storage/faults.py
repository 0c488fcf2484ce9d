"""Turns what the database drivers raise into the store's own errors, without any password."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from storage import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

DRIVER_ERRORS = (DBAPIError, sqlite3.Error)

_SQLITE: Mapping[int, tuple[type[errors.StoreError], str]] = {
    sqlite3.SQLITE_BUSY: (
        errors.StoreLocked,
        "another process holds the database; try again when it has finished",
    ),
    sqlite3.SQLITE_LOCKED: (
        errors.StoreLocked,
        "another process holds the database; try again when it has finished",
    ),
    sqlite3.SQLITE_FULL: (
        errors.StoreFull,
        "the disk or the database's size limit is full; nothing was written",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        errors.StoreUnreachable,
        "the file cannot be opened; check its folder and its mode",
    ),
    sqlite3.SQLITE_PERM: (
        errors.StoreUnreachable,
        "the file cannot be opened; check its folder and its mode",
    ),
    sqlite3.SQLITE_IOERR: (errors.StoreUnreachable, "the disk reports an input/output error"),
    sqlite3.SQLITE_READONLY: (errors.StoreReadOnly, "the file is read-only"),
    sqlite3.SQLITE_CORRUPT: (errors.IntegrityError, "the database file is damaged"),
    sqlite3.SQLITE_NOTADB: (
        errors.IntegrityError,
        "the file is not a SQLite database, or its first page is damaged",
    ),
}
_SQLITE_IOERR_WRITES = (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_TRUNCATE)

_POSTGRESQL: Mapping[str, tuple[type[errors.StoreError], str]] = {
    "55P03": (errors.StoreLocked, "another process holds the ledger; try again when it has finished"),
    "53100": (errors.StoreFull, "the server's disk is full; nothing was written"),
    "53200": (errors.StoreUnreachable, "the server is out of memory"),
    "53300": (errors.StoreUnreachable, "the server has no connection left"),
    "57P01": (errors.StoreUnreachable, "the server is shutting down"),
    "57P02": (errors.StoreUnreachable, "the server is restarting after a crash"),
    "57P03": (errors.StoreUnreachable, "the server is not ready yet"),
    "3D000": (errors.StoreUnreachable, "that database does not exist; create it first"),
    "28P01": (errors.StoreUnreachable, "the server refused the user name or the password"),
    "28000": (errors.StoreUnreachable, "the server does not let this user in"),
    "42501": (errors.StoreReadOnly, "the database role may not do this"),
    "25006": (errors.StoreReadOnly, "the transaction, or the server, is read-only"),
    "23001": (errors.AppendOnlyViolation, "evidence is append-only"),
    "XX001": (errors.IntegrityError, "the server reports a damaged table"),
    "XX002": (errors.IntegrityError, "the server reports a damaged index"),
}

# A connection that never came up has no SQLSTATE, only the client library's text.
_CONNECTING = (
    ("password authentication failed", "28P01"),
    ("no password supplied", "28P01"),
    ("no pg_hba.conf entry", "28000"),
    ("is starting up", "57P03"),
    ("shutting down", "57P01"),
    ("too many clients", "53300"),
)


def translate(error: Exception, where: str) -> errors.StoreError | None:
    """Return the store's own error for a driver's; None when the fault is not in operation but in our code.

    `where` is the database URL without its password.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _sqlite(cause, where)
    return _postgresql(cause, where, lost=isinstance(error, DBAPIError) and error.connection_invalidated)


def _sqlite(cause: sqlite3.Error, where: str) -> errors.StoreError | None:
    """Sort by SQLite's result code."""
    code = getattr(cause, "sqlite_errorcode", None)
    if code is None:
        return None
    if code == sqlite3.SQLITE_CONSTRAINT_TRIGGER:
        return errors.AppendOnlyViolation(f"{where}: {cause}")
    if code in _SQLITE_IOERR_WRITES:
        return errors.StoreFull(f"{where}: the disk is full or failing; nothing was written")
    kind, text = _SQLITE.get(code & 0xFF, (None, ""))
    return kind(f"{where}: {text}") if kind else None


def _postgresql(cause: BaseException | None, where: str, *, lost: bool) -> errors.StoreError | None:
    """Sort by SQLSTATE, or by the client library's text while connecting."""
    state: str | None = getattr(cause, "sqlstate", None)
    said = " ".join(str(cause).split())
    if state is None:
        state = next((code for text, code in _CONNECTING if text in said), None)
    if state is None and 'database "' in said and "does not exist" in said:
        state = "3D000"
    kind, text = _POSTGRESQL.get(state or "", (None, ""))
    if kind in (errors.AppendOnlyViolation, errors.StoreReadOnly):
        return kind(f"{where}: {text}: {said.split(' CONTEXT:')[0]}")
    if kind:
        return kind(f"{where}: {text}")
    if lost or (state or "").startswith("08") or (state is None and type(cause).__name__ == "OperationalError"):
        return errors.StoreUnreachable(f"{where}: no answer from the server ({said})")
    return None
