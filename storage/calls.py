"""The calls of each run in numbers, for `v_calls`: an operation has a new row only when it was answered differently.

No evidence: they repeat what the run's record says, which is hashed, and can be made anew from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, and_, func, select

from storage.rows import Asked
from storage.tables import asked, operation

_WHAT = (operation.c.collector, operation.c.region, operation.c.service, operation.c.operation, operation.c.endpoint)
_SAID = (asked.c.calls, asked.c.pages, asked.c.item_count, asked.c.failed, asked.c.error)
_NEVER = (0, 0, 0, 0, "")
"""What is said of an operation that a run did not call."""


def write(conn: Connection, target_id: int, seq: int, found: Sequence[Asked]) -> None:
    """Add what differs from the target's run before; the caller holds the ledger."""
    before = _before(conn, target_id)
    now = {_what(one): (one.calls, one.pages, one.items, one.failed, one.error) for one in found}
    numbers = {what: number for what, (number, _) in before.items()}
    numbers |= _add(conn, target_id, [what for what in now if what not in before])
    rows = []
    for what in numbers:
        said = now.get(what, _NEVER)
        if what not in before or before[what][1] != said:
            calls, pages, items, failed, error = said
            rows.append(
                {
                    "op": numbers[what],
                    "seq": seq,
                    "calls": calls,
                    "pages": pages,
                    "item_count": items,
                    "failed": failed,
                    "error": error,
                }
            )
    if rows:
        conn.execute(asked.insert(), rows)


def _what(one: Asked) -> tuple[str, ...]:
    return one.collector, one.region, one.service, one.operation, one.endpoint


def _before(conn: Connection, target_id: int) -> dict[tuple[str, ...], tuple[int, tuple[int | str, ...]]]:
    """By operation: its number and what was last said of it."""
    earlier = asked.alias()
    # One look-up for each operation; grouping would read the whole history in every run.
    newest = select(func.max(earlier.c.seq)).where(earlier.c.op == operation.c.op).scalar_subquery()
    query = (
        select(operation.c.op, *_WHAT, *_SAID)
        .select_from(operation)
        .join(asked, and_(asked.c.op == operation.c.op, asked.c.seq == newest))
        .where(operation.c.target_id == target_id)
    )
    return {tuple(row[1:6]): (row[0], tuple(row[6:])) for row in conn.execute(query)}


def _add(conn: Connection, target_id: int, new: Sequence[tuple[str, ...]]) -> Mapping[tuple[str, ...], int]:
    """Numbers for operations that this target never called before."""
    after = int(conn.scalar(select(func.coalesce(func.max(operation.c.op), 0))) or 0)
    numbers = {what: number for number, what in enumerate(new, start=after + 1)}
    if numbers:
        names = [column.name for column in _WHAT]
        rows = [
            {"op": number, "target_id": target_id, **dict(zip(names, what, strict=True))}
            for what, number in numbers.items()
        ]
        conn.execute(operation.insert(), rows)
    return numbers
