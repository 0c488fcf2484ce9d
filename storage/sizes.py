"""How much there is of everything, for the metrics: few queries, none of which brings a row per verdict."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select, text

from storage import ledger as log
from storage.rows import Outcome, Target
from storage.tables import OUTCOMES, check_name, checkpoint, gap, ledger, result_head, target
from storage.verdicts import WHO


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """How many verdicts in force one check has of one outcome in one target."""

    target: Target
    check_id: str
    outcome: Outcome
    number: int


@dataclass(frozen=True, slots=True)
class NewestRun:
    """The newest sealed run of a target."""

    target: Target
    seq: int
    finished: int
    """Microseconds since the epoch."""
    gaps: Mapping[str, int] = field(default_factory=Counter)
    """By reason."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """The store in numbers, of one moment."""

    verdicts: tuple[VerdictCount, ...]
    runs: tuple[NewestRun, ...]
    """Of each target that was ever read, in the order in which they were sealed."""
    entries: int
    """In the ledger."""
    signed_at: int | None
    """When the newest checkpoint was signed, in microseconds since the epoch; None without one."""
    bytes: int
    """Of the whole database, as the database counts them."""


def sizes(conn: Connection, before: Sizes | None = None) -> Sizes:
    """Count everything in one snapshot.

    Verdicts change with the ledger only, so those of an earlier look at the same store are taken over when nothing
    was added since: counting them is nearly all of the work.
    """
    entries = log.size(conn)
    return Sizes(
        verdicts=before.verdicts if before and before.entries == entries else verdict_counts(conn),
        runs=newest_runs(conn),
        entries=entries,
        signed_at=conn.scalar(select(checkpoint.c.created_at).order_by(checkpoint.c.size.desc()).limit(1)),
        bytes=database_bytes(conn),
    )


def verdict_counts(conn: Connection) -> tuple[VerdictCount, ...]:
    """Verdicts in force by target, check and outcome, counted where they are."""
    group = (result_head.c.target_id, result_head.c.chk, result_head.c.outcome)
    counted = select(*group, func.count().label("number")).group_by(*group).subquery()
    query = (
        select(*WHO, check_name.c.check_id, counted.c.outcome, counted.c.number)
        .select_from(counted)
        .join(target, target.c.target_id == counted.c.target_id)
        .join(check_name, check_name.c.chk == counted.c.chk)
        .order_by(*WHO, check_name.c.check_id, counted.c.outcome)
    )
    return tuple(
        VerdictCount(Target(cloud, name, account), check_id, OUTCOMES[outcome], number)
        for cloud, name, account, check_id, outcome, number in conn.execute(query)
    )


def newest_runs(conn: Connection) -> tuple[NewestRun, ...]:
    """The newest run of each target, with its gaps by reason."""
    runs = ledger.alias("runs")
    # One step down an index for each target; grouping would walk over every run there ever was.
    newest = (
        select(func.max(runs.c.seq))
        .where(runs.c.type == "run", runs.c.target_id == target.c.target_id)
        .correlate(target)
        .scalar_subquery()
    )
    query = select(*WHO, ledger.c.seq, ledger.c.entry).select_from(target).join(ledger, ledger.c.seq == newest)
    counted = (
        select(gap.c.seq, gap.c.reason, func.count())
        .where(gap.c.seq.in_(select(newest).select_from(target)))
        .group_by(gap.c.seq, gap.c.reason)
    )
    gaps: dict[int, Counter[str]] = {}
    for seq, reason, number in conn.execute(counted):
        gaps.setdefault(seq, Counter())[reason] = number
    return tuple(
        NewestRun(Target(cloud, name, account), seq, json.loads(entry)["finished"], gaps.get(seq, Counter()))
        for cloud, name, account, seq, entry in conn.execute(query.order_by(ledger.c.seq))
    )


def database_bytes(conn: Connection) -> int:
    """Size of the database: all pages of the SQLite file, or what the PostgreSQL server says."""
    if conn.dialect.name == "postgresql":
        return int(conn.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    pages, size = conn.scalar(text("PRAGMA page_count")), conn.scalar(text("PRAGMA page_size"))
    return int(pages or 0) * int(size or 0)
