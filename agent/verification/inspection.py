"""What a verification has found so far, and how it reads tables that may hold anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from types import NoneType
from typing import Any, TypeVar

from sqlalchemy import Connection, Integer, LargeBinary, Table, text
from sqlalchemy.exc import DBAPIError

from storage.errors import IntegrityError
from storage.faults import DRIVER_ERRORS, translate

MOST = 200
"""Findings listed for one table; further ones are counted."""
BATCH = 2_000
"""Rows held in memory at a time."""

Progress = Callable[[str, int, int], None]
"""Told the stage's name, how much of it is done, and how much there is."""

_Read = TypeVar("_Read")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    where: str
    """Table, row and whatever it is about, such as `blob 17` or `ledger entry 4`."""
    what: str


class Inspection:
    """One verification at work: the snapshot it reads, the progress it tells and what it has found.

    So that one broken table cannot drown the others, each is listed `MOST` times at most.
    """

    def __init__(self, conn: Connection, progress: Progress) -> None:
        """Start without findings."""
        self.conn = conn
        self.progress = progress
        self.unchecked: list[str] = []
        """What could not be looked at, each with the reason."""
        self._kept: list[Finding] = []
        self._seen: Counter[str] = Counter()

    def add(self, where: str, what: str) -> None:
        """Take one finding down; the first word of `where` is the table or area that it counts for."""
        area = where.partition(" ")[0]
        self._seen[area] += 1
        if self._seen[area] <= MOST:
            self._kept.append(Finding(where, what))

    def findings(self) -> tuple[Finding, ...]:
        """Every finding listed, then one line for each area that had more."""
        more = [
            Finding(area, f"{number - MOST} more findings are not listed")
            for area, number in self._seen.items()
            if number > MOST
        ]
        return (*self._kept, *more)

    def attempt(self, where: str, read: Callable[[], _Read]) -> _Read | None:
        """What `read` returns; None and a finding when the database is too damaged to give what it asks for.

        What an operator can mend, such as a lost connection or a missing grant, is no finding and is raised.
        """
        try:
            with self.conn.begin_nested():
                return read()
        except IntegrityError as error:
            self.add(where, f"cannot be read: {error}")
        except DRIVER_ERRORS as error:
            named = translate(error, where)
            if named is not None and not isinstance(named, IntegrityError):
                raise named from error
            cause = error.orig if isinstance(error, DBAPIError) else error
            self.add(where, f"cannot be read: {' '.join(str(cause).split())}")
        return None

    def rows(self, table: Table, columns: tuple[str, ...], order: str, *, distinct: bool = False) -> Iterator[Any]:
        """Rows of a table in an order, a batch at a time.

        A value of a type that its column cannot hold is a finding, and its row is left out.  The plain SQL
        keeps SQLAlchemy from converting values, as a damaged file can hold a number where bytes belong.
        """
        wanted = [_types(table, name) for name in columns]
        known = {tuple(kinds[0] for kinds in wanted)}
        once = "DISTINCT " if distinct else ""
        query = f"SELECT {once}{', '.join(columns)} FROM {table.name} ORDER BY {order}"  # noqa: S608 - own names
        found = self.conn.execute(text(query), execution_options={"yield_per": BATCH})
        for row in chain.from_iterable(found.partitions(BATCH)):
            kinds = tuple(map(type, row))
            if kinds not in known:
                pairs = zip(columns, kinds, wanted, strict=True)
                bad = ", ".join(name for name, kind, good in pairs if kind not in good)
                if bad:
                    where = f"{table.name} with {columns[0]} {row[0]!r:.40}"
                    self.add(where, f"{bad} cannot hold a value of this type")
                    continue
                known.add(kinds)
            yield row

    def count(self, table: Table) -> int:
        """Number of rows."""
        query = f"SELECT COUNT(*) FROM {table.name}"  # noqa: S608 - our own names
        return int(self.conn.execute(text(query)).scalar_one())


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
