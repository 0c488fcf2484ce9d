"""The read side: what is in force, what was in force at any moment, and how it came about.

Every function takes a connection from `Store.read`, so that several questions can be asked of one snapshot.
"At a time" means: by the runs recorded at or before it.  What the agent learned later it did not know then.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, select

from storage import blobs
from storage.errors import IntegrityError, StoreError
from storage.identity import find_target
from storage.prepare import unpack_volatile
from storage.rows import (
    BlobRow,
    ChangeRow,
    GapRow,
    GapSeen,
    Key,
    Outcome,
    ResultRow,
    RunRow,
    RunStatus,
    Target,
    VersionRow,
)
from storage.tables import (
    OUTCOME_NUMBERS,
    OUTCOMES,
    blob,
    check_name,
    gap,
    head,
    heartbeat,
    ledger,
    resource,
    result,
    result_head,
    target,
    version,
    volatile,
)

_SHORTEST_PREFIX = 8
_DIGITS = 64
_WHO = (target.c.cloud, target.c.name.label("target_name"), target.c.account)
_KEY = (resource.c.kind, resource.c.uid, resource.c.region, resource.c.name)


def targets(conn: Connection) -> list[Target]:
    """Every target that anything was ever kept about."""
    return [Target(*row) for row in conn.execute(select(*_WHO).order_by(*_WHO))]


# Runs


def runs(conn: Connection, who: Target | None = None) -> list[RunRow]:
    """Sealed runs of one target, or of all, oldest first."""
    query = _run_query().order_by(ledger.c.seq)
    if who is not None:
        query = query.where(ledger.c.target_id == find_target(conn, who))
    return [_run(row) for row in conn.execute(query)]


def last_run(conn: Connection, who: Target) -> RunRow | None:
    """Newest sealed run of a target."""
    query = _run_query().where(ledger.c.target_id == find_target(conn, who)).order_by(ledger.c.seq.desc())
    row = conn.execute(query.limit(1)).first()
    return None if row is None else _run(row)


def last_slot(conn: Connection, who: Target) -> int | None:
    """Newest scheduled slot that is settled: by a sealed scheduled run, or by a gap entry.

    None before the first.
    """
    target_id = find_target(conn, who)
    settled = [
        conn.scalar(
            select(func.max(ledger.c.slot)).where(ledger.c.type == "gap", ledger.c.target_id == target_id)
        )
    ]
    newest = select(ledger.c.slot, ledger.c.entry).where(
        ledger.c.type == "run", ledger.c.target_id == target_id
    )
    for slot, entry in conn.execute(newest.order_by(ledger.c.seq.desc())):
        if json.loads(entry)["scheduled"]:
            settled.append(slot)
            break
    return max((slot for slot in settled if slot is not None), default=None)


def run_record(conn: Connection, seq: int) -> bytes:
    """The record of one run: its calls, listings, identity and redactions, as the agent wrote it."""
    return _kept(conn, seq, "record_bid")


def manifest(conn: Connection, seq: int) -> bytes:
    """The manifest of one run (JSON): which checks ran, by which code and parameters, with what counts."""
    return _kept(conn, seq, "manifest_bid")


def seq_at(conn: Connection, time: int) -> int | None:
    """Position of the newest entry recorded at or before a time; None before the first entry."""
    query = select(ledger.c.seq).where(ledger.c.recorded_at <= time)
    found: int | None = conn.scalar(query.order_by(ledger.c.recorded_at.desc(), ledger.c.seq.desc()).limit(1))
    return found


# Documents


def current_documents(conn: Connection, who: Target) -> dict[Key, bytes]:
    """SHA-256 of every document now in force for a target."""
    query = (
        select(*_KEY, head.c.sha256)
        .select_from(head)
        .join(resource, resource.c.rid == head.c.rid)
        .where(head.c.target_id == find_target(conn, who))
    )
    return {Key(*key): bytes(digest) for *key, digest in conn.execute(query)}


def document_digests(conn: Connection, who: Target, time: int | None = None) -> dict[Key, bytes]:
    """SHA-256 of every document in force for a target at a time, or now."""
    if time is None:
        return current_documents(conn, who)
    seq = seq_at(conn, time)
    query = _documents_until(conn, who, -1 if seq is None else seq).join(blob, blob.c.bid == version.c.bid)
    return {Key(*key): bytes(digest) for *key, _, digest in conn.execute(query.add_columns(blob.c.sha256))}


def documents_at(
    conn: Connection, who: Target, seq: int, kinds: Sequence[str] | None = None
) -> Iterator[tuple[Key, bytes]]:
    """Contents in force after the entry `seq`, by kind and uid, each checked against its hash."""
    earlier = version.alias()
    newest = select(func.max(earlier.c.seq)).where(earlier.c.rid == resource.c.rid, earlier.c.seq <= seq)
    query = (
        select(*_KEY, version.c.bid)
        .select_from(resource)
        .join(version, and_(version.c.rid == resource.c.rid, version.c.seq == newest.scalar_subquery()))
        .where(resource.c.target_id == find_target(conn, who), version.c.bid.is_not(None))
        .order_by(resource.c.kind, resource.c.uid)
    )
    if kinds is not None:
        query = query.where(resource.c.kind.in_(kinds))
    for some in blobs.in_chunks(conn.execute(query).all()):
        contents = blobs.load(conn, [row.bid for row in some])
        for *key, bid in some:
            yield Key(*key), contents[bid]


def _documents_until(conn: Connection, who: Target, seq: int) -> Select[*tuple[Any, ...]]:
    """Keys and blobs of the documents in force after an entry."""
    earlier = version.alias()
    newest = select(func.max(earlier.c.seq)).where(earlier.c.rid == resource.c.rid, earlier.c.seq <= seq)
    return (
        select(*_KEY, version.c.bid)
        .join(version, and_(version.c.rid == resource.c.rid, version.c.seq == newest.scalar_subquery()))
        .where(resource.c.target_id == find_target(conn, who), version.c.bid.is_not(None))
    )


def volatile_at(conn: Connection, who: Target, seq: int) -> bytes | None:
    """Volatile readings of the target's newest run up to the entry `seq`; None when there was no run yet."""
    query = (
        select(volatile)
        .join(ledger, ledger.c.seq == volatile.c.seq)
        .where(ledger.c.type == "run", ledger.c.target_id == find_target(conn, who), ledger.c.seq <= seq)
    )
    row = conn.execute(query.order_by(ledger.c.seq.desc()).limit(1)).first()
    if row is None:
        return None
    base = None
    if row.base_seq is not None:
        first = conn.execute(select(volatile).where(volatile.c.seq == row.base_seq)).one()
        if first.codec == blobs.PATCH:
            raise IntegrityError(f"volatile {first.seq}: a patch serves as the base of another patch")
        base = unpack_volatile(first, None)
    return unpack_volatile(row, base)


def document_history(conn: Connection, uid: str) -> list[VersionRow]:
    """Every change of every document with this uid, in all targets and kinds, oldest first."""
    query = (
        select(*_WHO, *_KEY, version.c.seq, ledger.c.recorded_at, blob.c.sha256)
        .select_from(resource)
        .join(target, target.c.target_id == resource.c.target_id)
        .join(version, version.c.rid == resource.c.rid)
        .join(ledger, ledger.c.seq == version.c.seq)
        .join(blob, blob.c.bid == version.c.bid, isouter=True)
        .where(resource.c.uid == uid)
        .order_by(version.c.seq, resource.c.kind)
    )
    return [
        VersionRow(Target(*row[:3]), Key(*row[3:7]), row.seq, row.recorded_at, row.sha256 and bytes(row.sha256))
        for row in conn.execute(query)
    ]


def blob_by_sha(conn: Connection, prefix: str) -> BlobRow:
    """The one content whose hash begins with these hexadecimal digits, eight at least.

    StoreError otherwise.
    """
    digits = prefix.lower()
    if len(digits) < _SHORTEST_PREFIX or len(digits) > _DIGITS or set(digits) - set("0123456789abcdef"):
        raise StoreError(f"{prefix!r} is not 8 to 64 hexadecimal digits of a SHA-256")
    low, high = bytes.fromhex(digits.ljust(_DIGITS, "0")), bytes.fromhex(digits.ljust(_DIGITS, "f"))
    query = select(blob.c.bid, blob.c.sha256, blob.c.media).where(blob.c.sha256.between(low, high)).limit(2)
    rows = conn.execute(query).all()
    if not rows:
        raise StoreError(f"nothing is kept under a hash that begins with {digits}")
    if len(rows) > 1:
        raise StoreError(f"several hashes begin with {digits}: give more digits")
    bid, digest, media = rows[0]
    return BlobRow(bytes(digest), media, blobs.load(conn, [bid])[bid])


# Verdicts


def current_verdicts(conn: Connection, who: Target) -> dict[tuple[str, Key], tuple[Outcome, bytes]]:
    """Outcome and SHA-256 of the detail of every verdict in force: enough to tell what changed."""
    query = (
        select(
            check_name.c.check_id,
            *_KEY,
            result_head.c.outcome,
            result_head.c.detail_sha,
        )
        .select_from(result_head)
        .join(check_name, check_name.c.chk == result_head.c.chk)
        .join(resource, resource.c.rid == result_head.c.rid)
        .where(result_head.c.target_id == find_target(conn, who))
    )
    return {
        (check_id, Key(*key)): (OUTCOMES[outcome], bytes(digest))
        for check_id, *key, outcome, digest in conn.execute(query)
    }


def current_results(conn: Connection, who: Target) -> dict[tuple[str, Key], tuple[Outcome, bytes, int, int]]:
    """Every verdict in force: outcome, detail, and entry and time since which the outcome holds unbroken."""
    query = (
        select(
            check_name.c.check_id,
            *_KEY,
            result_head.c.outcome,
            result_head.c.detail_bid,
            result_head.c.since_seq,
            ledger.c.recorded_at,
        )
        .select_from(result_head)
        .join(check_name, check_name.c.chk == result_head.c.chk)
        .join(resource, resource.c.rid == result_head.c.rid)
        .join(ledger, ledger.c.seq == result_head.c.since_seq)
        .where(result_head.c.target_id == find_target(conn, who))
    )
    rows = conn.execute(query).all()
    details = blobs.load(conn, {row.detail_bid for row in rows})
    return {
        (row.check_id, Key(row.kind, row.uid, row.region, row.name)): (
            OUTCOMES[row.outcome],
            details[row.detail_bid],
            row.since_seq,
            row.recorded_at,
        )
        for row in rows
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
    steps = select(
        result.c.chk,
        result.c.rid,
        result.c.seq,
        result.c.outcome,
        result.c.detail_bid,
        func.lag(result.c.outcome)
        .over(partition_by=(result.c.chk, result.c.rid), order_by=result.c.seq)
        .label("earlier"),
        func.lead(result.c.seq)
        .over(partition_by=(result.c.chk, result.c.rid), order_by=result.c.seq)
        .label("later"),
    ).join(resource, resource.c.rid == result.c.rid)
    filters: list[ColumnElement[bool]] = []
    if seq is not None:
        filters.append(result.c.seq <= seq)
    if who is not None:
        filters.append(resource.c.target_id == find_target(conn, who))
    if check_id is not None:
        filters.append(
            result.c.chk
            == select(check_name.c.chk).where(check_name.c.check_id == check_id).scalar_subquery()
        )
    if kind is not None:
        filters.append(resource.c.kind == kind)
    if uid is not None:
        filters.append(resource.c.uid == uid)
    step = steps.where(*filters).subquery()
    begins = case((step.c.outcome.is_distinct_from(step.c.earlier), step.c.seq))
    whole = func.max(begins).over(partition_by=(step.c.chk, step.c.rid)).label("since_seq")
    newest = select(step, whole).subquery()
    query = (
        select(
            *_WHO,
            check_name.c.check_id,
            *_KEY,
            newest.c.outcome,
            newest.c.detail_bid,
            newest.c.seq,
            newest.c.since_seq,
            ledger.c.recorded_at,
        )
        .select_from(newest)
        .join(check_name, check_name.c.chk == newest.c.chk)
        .join(resource, resource.c.rid == newest.c.rid)
        .join(target, target.c.target_id == resource.c.target_id)
        .join(ledger, ledger.c.seq == newest.c.since_seq)
        .where(newest.c.later.is_(None), newest.c.outcome.is_not(None))
        .order_by(check_name.c.check_id, *_WHO, resource.c.kind, resource.c.uid)
    )
    if outcome is not None:
        query = query.where(newest.c.outcome == OUTCOME_NUMBERS[outcome])
    rows = conn.execute(query).all()
    details = blobs.load(conn, {row.detail_bid for row in rows})
    return [
        ResultRow(
            Target(row.cloud, row.target_name, row.account),
            row.check_id,
            Key(row.kind, row.uid, row.region, row.name),
            OUTCOMES[row.outcome],
            details[row.detail_bid],
            row.seq,
            row.since_seq,
            row.recorded_at,
        )
        for row in rows
    ]


def result_history(conn: Connection, uid: str) -> list[ChangeRow]:
    """Every change of every verdict about this uid, in all targets, kinds and checks, oldest first."""
    query = (
        select(
            *_WHO,
            check_name.c.check_id,
            *_KEY,
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


# Gaps


def gaps(
    conn: Connection, who: Target | None = None, since: int | None = None, until: int | None = None
) -> list[GapSeen]:
    """Gaps recorded in [since, until): failed reads of sealed runs, slots without a run, broken-off runs."""
    filters: list[ColumnElement[bool]] = []
    if who is not None:
        filters.append(ledger.c.target_id == find_target(conn, who))
    if since is not None:
        filters.append(ledger.c.recorded_at >= since)
    if until is not None:
        filters.append(ledger.c.recorded_at < until)
    place = (*_WHO, ledger.c.seq.label("at_seq"), ledger.c.recorded_at, ledger.c.slot, ledger.c.type)
    joined = ledger.join(target, target.c.target_id == ledger.c.target_id)
    read = select(*place, gap).select_from(joined.join(gap, gap.c.seq == ledger.c.seq)).where(*filters)
    found = []
    for row in conn.execute(read.order_by(gap.c.seq, gap.c.n)):
        detail = GapRow(
            row.reason, row.collector, row.region, row.kind, row.uid, row.operation, row.permission, row.error
        )
        found.append(_gap(row, detail))
    whole = (
        select(*place, ledger.c.entry)
        .select_from(joined)
        .where(ledger.c.type.in_(("gap", "abort")), *filters)
    )
    for row in conn.execute(whole):
        said = json.loads(row.entry)
        found.append(_gap(row, GapRow(said["reason"], "", "", "", None, "", "", said["text"])))
    return sorted(found, key=lambda one: one.seq)


def _gap(row: Row[*tuple[Any, ...]], detail: GapRow) -> GapSeen:
    """Shape one gap from its place in the ledger."""
    return GapSeen(
        Target(row.cloud, row.target_name, row.account), row.at_seq, row.recorded_at, row.slot, row.type, detail
    )


def _run_query() -> Select[*tuple[Any, ...]]:
    """Entries of sealed runs with their target."""
    return (
        select(*_WHO, ledger.c.seq, ledger.c.slot, ledger.c.entry)
        .select_from(ledger)
        .join(target, target.c.target_id == ledger.c.target_id)
        .where(ledger.c.type == "run")
    )


def _run(row: Row[*tuple[Any, ...]]) -> RunRow:
    """Shape one run from its entry."""
    said = json.loads(row.entry)
    return RunRow(
        seq=row.seq,
        target=Target(row.cloud, row.target_name, row.account),
        slot=row.slot,
        scheduled=said["scheduled"],
        started=said["started"],
        finished=said["finished"],
        status=RunStatus(said["status"]),
        documents=said["documents"],
        gaps=said["gaps"],
        run_id=said["run_id"],
    )


def _kept(conn: Connection, seq: int, column: str) -> bytes:
    """Content that the heartbeat of one run refers to; StoreError when that entry is no sealed run."""
    bid = conn.scalar(select(heartbeat.c[column]).where(heartbeat.c.seq == seq))
    if bid is None:
        raise StoreError(f"ledger entry {seq} is not a sealed run")
    return blobs.load(conn, [bid])[bid]
