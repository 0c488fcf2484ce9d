"""What a verification has found so far, and the one way to read a table that may hold anything."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import NoneType
from typing import Any

from sqlalchemy import Connection, Integer, LargeBinary, Table, text
from sqlalchemy.exc import DBAPIError

from storage.errors import StoreError

MOST = 200
"""Findings listed for one table; further ones are counted."""
BATCH = 2_000
"""Rows held in memory at a time."""

Progress = Callable[[str, int, int], None]
"""Told the stage's name, how much of it is done, and how much there is."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    where: str
    """Table, row and whatever it is about, such as `blob 17` or `ledger entry 4`."""
    what: str


class Findings:
    """Collects findings; so that one broken table cannot drown the others, each is listed `MOST` times at most."""

    def __init__(self) -> None:
        """Start with none."""
        self._kept: list[Finding] = []
        self._seen: Counter[str] = Counter()

    def add(self, where: str, what: str) -> None:
        """Take one down; the first word of `where` is the table or area that it counts for."""
        area = where.partition(" ")[0]
        self._seen[area] += 1
        if self._seen[area] <= MOST:
            self._kept.append(Finding(where, what))

    def all(self) -> tuple[Finding, ...]:
        """Every finding listed, then one line for each area that had more."""
        more = [
            Finding(area, f"{count - MOST} more findings are not listed")
            for area, count in self._seen.items()
            if count > MOST
        ]
        return (*self._kept, *more)

    @contextmanager
    def reading(self, conn: Connection, where: str) -> Iterator[None]:
        """Turn a failure to read inside the block into a finding and end the block; the connection stays usable."""
        try:
            with conn.begin_nested():
                yield
        except (StoreError, DBAPIError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            self.add(where, f"cannot be read: {' '.join(str(cause).split())}")


def rows(
    conn: Connection, findings: Findings, table: Table, columns: tuple[str, ...], order: str
) -> Iterator[Any]:
    """Rows of a table in an order, a batch at a time; a value of a type that its column cannot hold is a finding.

    The plain SQL keeps SQLAlchemy from converting: a damaged file can hold a number where bytes belong.
    """
    wanted = [_types(table, name) for name in columns]
    known = {tuple(kinds[0] for kinds in wanted)}
    query = f"SELECT {', '.join(columns)} FROM {table.name} ORDER BY {order}"  # noqa: S608 - our own names
    for row in conn.execute(text(query), execution_options={"yield_per": BATCH}):
        kinds = tuple(map(type, row))
        if kinds not in known:
            bad = [name for name, kind, good in zip(columns, kinds, wanted, strict=True) if kind not in good]
            if bad:
                first = f"{table.name} with {columns[0]} {row[0]!r:.40}"
                findings.add(first, f"{', '.join(bad)} cannot hold a value of this type")
                continue
            known.add(kinds)
        yield row


def count(conn: Connection, table: Table) -> int:
    """Number of rows."""
    return int(conn.execute(text(f"SELECT COUNT(*) FROM {table.name}")).scalar_one())  # noqa: S608 - our own names


def moment(us: int) -> str:
    """Microseconds since the epoch as UTC text, or the bare number when no calendar has it."""
    try:
        return (_EPOCH + timedelta(microseconds=us)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    except OverflowError:
        return str(us)


def _types(table: Table, name: str) -> tuple[type, ...]:
    """Python types that a column may yield."""
    column = table.c[name]
    plain: type = str
    if isinstance(column.type, Integer):
        plain = int
    elif isinstance(column.type, LargeBinary):
        plain = bytes
    return (plain, NoneType) if column.nullable else (plain,)
