"""The rows of one run: versions and verdicts that differ from those in force, and the heads that follow them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Connection, bindparam, delete, select

from storage import blobs, identity
from storage.identity import Resource
from storage.merkle import bucket_of
from storage.prepare import Verdict
from storage.rows import Key
from storage.tables import head, result, result_head, version


@dataclass(frozen=True, slots=True)
class Place:
    """Where rows of this run go: its entry, its target, and the numbers of resources and contents."""

    seq: int
    target_id: int
    known: Mapping[Key, Resource]
    bids: Mapping[bytes, int]


Heads: TypeAlias = dict[tuple[str, Key], tuple[Verdict, int]]
"""Verdicts in force, each with the entry since which its outcome holds."""


def changed_documents(
    conn: Connection, known: Mapping[Key, Resource], wanted: Mapping[Key, bytes | None]
) -> dict[Key, bytes | None]:
    """Documents that differ from the ones in force."""
    rids = [known[key].rid for key in wanted if key in known]
    current: dict[int, bytes] = {}
    for some in blobs.in_chunks(rids):
        rows = conn.execute(select(head.c.rid, head.c.sha256).where(head.c.rid.in_(some)))
        current |= {rid: bytes(digest) for rid, digest in rows}
    return {key: digest for key, digest in wanted.items() if key in known and current.get(known[key].rid) != digest}


def changed_verdicts(
    conn: Connection,
    target_id: int,
    known: Mapping[Key, Resource],
    wanted: Mapping[tuple[str, Key], Verdict | None],
) -> tuple[dict[tuple[str, Key], Verdict | None], Heads]:
    """Verdicts that differ from the ones in force, and the latter with the run since which they hold."""
    names = {
        chk: check_id for check_id, chk in identity.find_checks(conn, {check_id for check_id, _ in wanted}).items()
    }
    subjects = {known[subject].rid: subject for _, subject in wanted if subject in known}
    heads = select(result_head)
    if len(subjects) > blobs.CHUNK or len(names) > blobs.CHUNK:
        heads = heads.where(result_head.c.target_id == target_id)
    else:
        # Both columns, as the key begins with the check.
        heads = heads.where(result_head.c.chk.in_(list(names)), result_head.c.rid.in_(list(subjects)))
    current: Heads = {}
    for row in conn.execute(heads):
        if row.chk in names and row.rid in subjects:
            verdict = Verdict(row.outcome, bytes(row.detail_sha))
            current[names[row.chk], subjects[row.rid]] = (verdict, row.since_seq)
    changed = {
        pair: verdict
        for pair, verdict in wanted.items()
        if pair[1] in known and (current[pair][0] if pair in current else None) != verdict
    }
    return changed, current


def write_documents(conn: Connection, at: Place, documents: Mapping[Key, bytes | None]) -> None:
    """Add versions and move the heads."""
    if not documents:
        return
    versions = [
        {"rid": at.known[key].rid, "seq": at.seq, "bid": None if digest is None else at.bids[digest]}
        for key, digest in documents.items()
    ]
    conn.execute(version.insert(), versions)
    for some in blobs.in_chunks(at.known[key].rid for key in documents):
        conn.execute(delete(head).where(head.c.rid.in_(some)))
    heads = [
        {
            "rid": at.known[key].rid,
            "target_id": at.target_id,
            "seq": at.seq,
            "sha256": digest,
            "bucket": bucket_of(at.known[key].key_hash),
        }
        for key, digest in documents.items()
        if digest is not None
    ]
    if heads:
        conn.execute(head.insert(), heads)


def write_verdicts(
    conn: Connection, at: Place, verdicts: Mapping[tuple[str, Key], Verdict | None], current: Heads
) -> None:
    """Add results and move the heads."""
    if not verdicts:
        return
    numbers = identity.add_checks(conn, {check_id for check_id, _ in verdicts})
    results, moved, replaced = [], [], []
    for pair, verdict in verdicts.items():
        chk, subject = numbers[pair[0]], at.known[pair[1]]
        row = {"chk": chk, "rid": subject.rid, "seq": at.seq, "outcome": None, "detail_bid": None}
        if pair in current:
            replaced.append({"old_chk": chk, "old_rid": subject.rid})
        if verdict is not None:
            row |= {"outcome": verdict.outcome, "detail_bid": at.bids[verdict.detail]}
            before = current.get(pair)
            unbroken = before is not None and before[0].outcome == verdict.outcome
            moved.append(
                {
                    **row,
                    "target_id": at.target_id,
                    "since_seq": before[1] if before is not None and unbroken else at.seq,
                    "detail_sha": verdict.detail,
                    "bucket": bucket_of(identity.result_key(pair[0], subject.key_hash)),
                }
            )
        results.append(row)
    conn.execute(result.insert(), results)
    if replaced:
        same = (result_head.c.chk == bindparam("old_chk")) & (result_head.c.rid == bindparam("old_rid"))
        conn.execute(delete(result_head).where(same), replaced)
    if moved:
        conn.execute(result_head.insert(), moved)
