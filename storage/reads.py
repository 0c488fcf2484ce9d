"""The read side: what is in force, what was in force at any moment, and how it came about.

Every function takes a connection from `Store.read`, so that several questions can be asked of one snapshot.
"At a time" means: by the runs recorded at or before it.  What the agent learned later it did not know then.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, select

from storage import blobs
from storage.errors import IntegrityError, StoreError
from storage.identity import find_target
from storage.prepare import unpack_volatile
from storage.rows import (
    BlobRow,
    GapRow,
    GapSeen,
    Key,
    RunRow,
    RunStatus,
    StatementRow,
    Target,
    VersionRow,
)
from storage.tables import (
    blob,
    gap,
    head,
    heartbeat,
    ledger,
    resource,
    target,
    version,
    volatile,
)
from storage.verdicts import KEY, WHO, current_verdicts, result_history, results_at, seq_at

__all__ = [
    "blob_by_sha",
    "current_documents",
    "current_verdicts",
    "document_digests",
    "document_history",
    "documents_at",
    "gaps",
    "last_run",
    "last_slot",
    "manifest",
    "result_history",
    "results_at",
    "run_record",
    "runs",
    "seq_at",
    "statements",
    "targets",
    "volatile_at",
    "was_read",
]

_SHORTEST_PREFIX = 8
_DIGITS = 64


def targets(conn: Connection) -> list[Target]:
    """Every target that anything was ever kept about."""
    return [Target(*row) for row in conn.execute(select(*WHO).order_by(*WHO))]


# Runs


def runs(conn: Connection, who: Target | None = None) -> list[RunRow]:
    """Sealed runs of one target, or of all, oldest first."""
    query = _run_query().order_by(ledger.c.seq)
    if who is not None:
        query = query.where(ledger.c.target_id == find_target(conn, who))
    return [_run(row) for row in conn.execute(query)]


def last_run(conn: Connection, who: Target, until: int | None = None) -> RunRow | None:
    """Newest sealed run of a target, or the newest up to the entry `until`."""
    query = _run_query().where(ledger.c.target_id == find_target(conn, who)).order_by(ledger.c.seq.desc())
    if until is not None:
        query = query.where(ledger.c.seq <= until)
    row = conn.execute(query.limit(1)).first()
    return None if row is None else _run(row)


def was_read(conn: Connection, who: Target) -> bool:
    """Whether anything was ever read of a target."""
    kept = select(version.c.rid).join(resource, resource.c.rid == version.c.rid)
    return conn.scalar(kept.where(resource.c.target_id == find_target(conn, who)).limit(1)) is not None


def last_slot(conn: Connection, who: Target) -> int | None:
    """Newest scheduled slot that is settled: by a sealed scheduled run, or by a gap entry.

    None before the first.
    """
    target_id = find_target(conn, who)
    settled = [
        conn.scalar(select(func.max(ledger.c.slot)).where(ledger.c.type == "gap", ledger.c.target_id == target_id))
    ]
    newest = select(ledger.c.slot, ledger.c.entry).where(ledger.c.type == "run", ledger.c.target_id == target_id)
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


# Documents


def current_documents(conn: Connection, who: Target) -> dict[Key, bytes]:
    """SHA-256 of every document now in force for a target."""
    query = (
        select(*KEY, head.c.sha256)
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
    then = _documents_until(conn, who, -1 if seq is None else seq).subquery()
    query = select(then.c.kind, then.c.uid, then.c.region, then.c.name, blob.c.sha256)
    rows = conn.execute(query.select_from(then.join(blob, blob.c.bid == then.c.bid)))
    return {Key(*key): bytes(digest) for *key, digest in rows}


def documents_at(
    conn: Connection, who: Target, seq: int, kinds: Sequence[str] | None = None
) -> Iterator[tuple[Key, bytes]]:
    """Contents in force after the entry `seq`, by kind and uid, each checked against its hash."""
    query = _documents_until(conn, who, seq).order_by(resource.c.kind, resource.c.uid)
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
        select(*KEY, version.c.bid)
        .select_from(resource)
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
        select(*WHO, *KEY, version.c.seq, ledger.c.recorded_at, blob.c.sha256)
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
    place = (*WHO, ledger.c.seq.label("at_seq"), ledger.c.recorded_at, ledger.c.slot, ledger.c.type)
    joined = ledger.join(target, target.c.target_id == ledger.c.target_id)
    read = select(*place, gap).select_from(joined.join(gap, gap.c.seq == ledger.c.seq)).where(*filters)
    found = []
    for row in conn.execute(read.order_by(gap.c.seq, gap.c.n)):
        detail = GapRow(
            row.reason, row.collector, row.region, row.kind, row.uid, row.operation, row.permission, row.error
        )
        found.append(_gap(row, detail))
    whole = select(*place, ledger.c.entry).select_from(joined).where(ledger.c.type.in_(("gap", "abort")), *filters)
    for row in conn.execute(whole):
        said = json.loads(row.entry)
        found.append(_gap(row, GapRow(said["reason"], "", "", "", None, "", "", said["text"])))
    return sorted(found, key=lambda one: one.seq)


def _gap(row: Row[*tuple[Any, ...]], detail: GapRow) -> GapSeen:
    """Shape one gap from its place in the ledger."""
    return GapSeen(
        Target(row.cloud, row.target_name, row.account),
        row.at_seq,
        row.recorded_at,
        row.slot,
        row.type,
        detail,
    )


# Statements


def statements(conn: Connection, kinds: Collection[str]) -> list[StatementRow]:
    """Everything of these kinds that was ever stated, oldest first, each content checked against its hash."""
    query = select(ledger.c.seq, ledger.c.recorded_at, ledger.c.entry).where(ledger.c.type == "statement")
    said = [(row, json.loads(row.entry)) for row in conn.execute(query.order_by(ledger.c.seq))]
    wanted = [(row, entry) for row, entry in said if entry["kind"] in kinds]
    digests = {bytes.fromhex(entry["body_sha"]) for _, entry in wanted}
    bids = blobs.find(conn, digests)
    if lost := digests - bids.keys():
        raise IntegrityError(f"the body of a statement is not kept: no blob has the hash {min(lost).hex()}")
    contents = blobs.load(conn, bids.values())
    return [
        StatementRow(row.seq, row.recorded_at, entry["kind"], contents[bids[bytes.fromhex(entry["body_sha"])]])
        for row, entry in wanted
    ]


def _run_query() -> Select[*tuple[Any, ...]]:
    """Entries of sealed runs with their target."""
    return (
        select(*WHO, ledger.c.seq, ledger.c.slot, ledger.c.entry)
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
