"""What was judged: the verdicts in force now, at any moment of the past, and every change on the way.

A part of `storage.reads`, through which these functions are called.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, select

from storage import blobs
from storage.identity import find_checks, find_target
from storage.rows import ChangeRow, Key, Outcome, ResultRow, Target
from storage.tables import (
    OUTCOME_NUMBERS,
    OUTCOMES,
    check_name,
    ledger,
    resource,
    result,
    result_head,
    target,
)

WHO = (target.c.cloud, target.c.name.label("target_name"), target.c.account)
KEY = (resource.c.kind, resource.c.uid, resource.c.region, resource.c.name)


def seq_at(conn: Connection, time: int) -> int | None:
    """Position of the newest entry recorded at or before a time; None before the first entry."""
    query = select(ledger.c.seq).where(ledger.c.recorded_at <= time)
    found: int | None = conn.scalar(query.order_by(ledger.c.recorded_at.desc(), ledger.c.seq.desc()).limit(1))
    return found


def current_verdicts(conn: Connection, who: Target) -> dict[tuple[str, Key], tuple[Outcome, bytes]]:
    """Outcome and SHA-256 of the detail of every verdict in force: enough to tell what changed."""
    target_id = find_target(conn, who)
    columns = (result_head.c.chk, result_head.c.rid, result_head.c.outcome, result_head.c.detail_sha)
    # Names are looked up here and not by a join: most verdicts share theirs with many others.
    checks, subjects = _checks(conn), _subjects(conn, target_id)
    return {
        (checks[chk], subjects[rid]): (OUTCOMES[outcome], bytes(digest))
        for chk, rid, outcome, digest in conn.execute(select(*columns).where(result_head.c.target_id == target_id))
    }


def results_at(  # noqa: PLR0913 - one argument per filter
    conn: Connection,
    *,
    time: int | None = None,
    seq: int | None = None,
    who: Target | None = None,
    check_id: str | None = None,
    outcome: Outcome | None = None,
    kind: str | None = None,
    uid: str | None = None,
) -> list[ResultRow]:
    """Verdicts in force at a time, or after an entry, or now; by target, check, kind and uid.

    `since` is the first run of the unbroken stretch of the same outcome, whatever its reason said meanwhile.
    """
    if time is not None:
        at = seq_at(conn, time)
        seq = -1 if at is None else at if seq is None else min(seq, at)
    about: list[ColumnElement[bool]] = []
    if kind is not None:
        about.append(resource.c.kind == kind)
    if uid is not None:
        about.append(resource.c.uid == uid)
    target_id = None if who is None else find_target(conn, who) or 0
    chk = None if check_id is None else find_checks(conn, [check_id]).get(check_id, -1)
    if seq is None:
        rows = conn.execute(_in_force_now(target_id, about, chk)).all()
    else:
        rows = conn.execute(_in_force_at(seq, target_id, about, chk)).all()
    if outcome is not None:
        rows = [row for row in rows if row.outcome == OUTCOME_NUMBERS[outcome]]
    found = _shaped(conn, rows)
    return sorted(
        found,
        key=lambda one: (one.check_id, one.target.cloud, one.target.name, one.target.account, one.subject),
    )


def _in_force_now(target_id: int | None, about: list[ColumnElement[bool]], chk: int | None) -> Select[*tuple[Any, ...]]:
    """The newest verdicts, as the cache has them."""
    query = select(
        result_head.c.chk,
        result_head.c.rid,
        result_head.c.seq,
        result_head.c.outcome,
        result_head.c.detail_bid,
        result_head.c.since_seq,
    ).select_from(result_head)
    if target_id is not None:
        query = query.where(result_head.c.target_id == target_id)
    if about:
        # No join: the cache has no index on `rid`, and SQLite would scan it once for each resource.
        query = query.where(result_head.c.rid.in_(select(resource.c.rid).where(*about)))
    return query if chk is None else query.where(result_head.c.chk == chk)


def _in_force_at(
    seq: int, target_id: int | None, about: list[ColumnElement[bool]], chk: int | None
) -> Select[*tuple[Any, ...]]:
    """The verdicts after an entry, from the whole history up to it."""
    pair = (result.c.chk, result.c.rid)
    steps = (
        select(
            *pair,
            result.c.seq,
            result.c.outcome,
            result.c.detail_bid,
            func.lag(result.c.outcome).over(partition_by=pair, order_by=result.c.seq).label("earlier"),
            func.lead(result.c.seq).over(partition_by=pair, order_by=result.c.seq).label("later"),
        )
        .select_from(result)
        .where(result.c.seq <= seq)
    )
    if target_id is not None:
        about = [*about, resource.c.target_id == target_id]
    if about:
        steps = steps.join(resource, resource.c.rid == result.c.rid).where(*about)
    if chk is not None:
        steps = steps.where(result.c.chk == chk)
    step = steps.subquery()
    begins = case((step.c.outcome.is_distinct_from(step.c.earlier), step.c.seq))
    whole = func.max(begins).over(partition_by=(step.c.chk, step.c.rid)).label("since_seq")
    newest = select(step, whole).subquery()
    return select(
        newest.c.chk,
        newest.c.rid,
        newest.c.seq,
        newest.c.outcome,
        newest.c.detail_bid,
        newest.c.since_seq,
    ).where(newest.c.later.is_(None), newest.c.outcome.is_not(None))


def _shaped(conn: Connection, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[ResultRow]:
    """Verdicts with names, details and times in place of row numbers."""
    details = blobs.load(conn, {row.detail_bid for row in rows})
    checks = _checks(conn)
    owners = dict(_owners(conn, {row.rid for row in rows}))
    times = _times(conn, {row.since_seq for row in rows})
    return [
        ResultRow(
            owners[rid][0],
            checks[chk],
            owners[rid][1],
            OUTCOMES[outcome],
            details[detail],
            seq,
            since_seq,
            times[since_seq],
        )
        for chk, rid, seq, outcome, detail, since_seq in rows
    ]


def _checks(conn: Connection) -> dict[int, str]:
    """Every check's id by its number."""
    return {row.chk: row.check_id for row in conn.execute(select(check_name))}


def _subjects(conn: Connection, target_id: int | None) -> dict[int, Key]:
    """Every resource of a target by its number."""
    query = select(resource.c.rid, *KEY).where(resource.c.target_id == target_id)
    return {rid: Key(*key) for rid, *key in conn.execute(query)}


def _owners(conn: Connection, rids: Collection[int]) -> Iterator[tuple[int, tuple[Target, Key]]]:
    """Target and key of resources by their number."""
    query = (
        select(resource.c.rid, *WHO, *KEY)
        .select_from(resource)
        .join(target, target.c.target_id == resource.c.target_id)
    )
    for some in blobs.in_chunks(sorted(rids)):
        for rid, cloud, name, account, *key in conn.execute(query.where(resource.c.rid.in_(some))):
            yield rid, (Target(cloud, name, account), Key(*key))


def _times(conn: Connection, seqs: Collection[int]) -> dict[int, int]:
    """When entries were recorded."""
    found: dict[int, int] = {}
    for some in blobs.in_chunks(sorted(seqs)):
        rows = conn.execute(select(ledger.c.seq, ledger.c.recorded_at).where(ledger.c.seq.in_(some)))
        found |= {row.seq: row.recorded_at for row in rows}
    return found


def result_history(conn: Connection, uid: str) -> list[ChangeRow]:
    """Every change of every verdict about this uid, in all targets, kinds and checks, oldest first."""
    query = (
        select(
            *WHO,
            check_name.c.check_id,
            *KEY,
            result.c.seq,
            ledger.c.recorded_at,
            result.c.outcome,
            result.c.detail_bid,
        )
        .select_from(resource)
        .join(target, target.c.target_id == resource.c.target_id)
        .join(result, result.c.rid == resource.c.rid)
        .join(check_name, check_name.c.chk == result.c.chk)
        .join(ledger, ledger.c.seq == result.c.seq)
        .where(resource.c.uid == uid)
        .order_by(result.c.seq, check_name.c.check_id, resource.c.kind)
    )
    rows = conn.execute(query).all()
    details = blobs.load(conn, {row.detail_bid for row in rows if row.detail_bid is not None})
    return [
        ChangeRow(
            Target(row.cloud, row.target_name, row.account),
            row.check_id,
            Key(row.kind, row.uid, row.region, row.name),
            row.seq,
            row.recorded_at,
            None if row.outcome is None else OUTCOMES[row.outcome],
            None if row.detail_bid is None else details[row.detail_bid],
        )
        for row in rows
    ]
