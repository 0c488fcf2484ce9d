"""The slow half of sealing, done before the ledger is held: hash every content and compress what is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, func, select

from storage import blobs, canon
from storage.blobs import Packed, Packer
from storage.canon import sha256
from storage.errors import IntegrityError, NotEncodable
from storage.identity import find_checks, find_resources, refuse_unclear
from storage.rows import Key, Seal, Tally, Transition, Version
from storage.tables import OUTCOME_NUMBERS, heartbeat, ledger, result, version, volatile

_RUN_LEVEL = 12
"""How hard the three contents of a run are compressed; 12 MB less in a year of hourly runs (measured)."""
_ALIKE = 4
"""A base that is longer than the content by this factor is slow to search and does not resemble it."""
_WORTH_PATCHING = 0.9
_Name = TypeVar("_Name")


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome's number and the hash of its detail."""

    outcome: int
    detail: bytes


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a run wants to write, hashed and packed."""

    documents: Mapping[Key, bytes | None]
    """SHA-256 of each content, None for a tombstone."""
    verdicts: Mapping[tuple[str, Key], Verdict | None]
    """By check and subject; None closes the pair."""
    packs: Sequence[Packed]
    """Contents that were not kept yet when this was prepared."""
    manifest: bytes
    record: bytes
    """SHA-256 of both; their contents are among `packs`, or kept already."""
    volatile: Packed
    volatile_base: int | None
    """Ledger position of the record that `volatile` is a patch of."""


@dataclass(frozen=True, slots=True)
class _Bases:
    """What the target's newest run was patched from, or itself where it was kept whole."""

    manifest: bytes
    record: bytes
    volatile: bytes
    volatile_seq: int


def prepare(conn: Connection, run: Seal, target_id: int) -> Prepared:
    """Hash and pack everything in `run`.

    NotEncodable when a document or verdict is named twice or unclear.
    """
    contents: dict[bytes, bytes] = {}
    documents = _documents(run.versions, contents)
    verdicts = _verdicts(run.transitions, contents)
    manifest = _noted(contents, manifest_of(run.tallies))
    record = _noted(contents, run.record)

    for kept in blobs.find(conn, contents):
        del contents[kept]
    packer = Packer()
    packs: dict[bytes, Packed] = {}

    def pack(digest: bytes, base: bytes | None) -> None:
        """Pack a content once, if it is new."""
        if digest in contents and digest not in packs:
            packs[digest] = packer.pack(contents[digest], base)

    earliest = _first_versions(conn, target_id, [key for key, digest in documents.items() if digest in contents])
    for key, found in documents.items():
        if found is not None:
            pack(found, earliest.get(key))
    _pack_details(conn, packer, packs, contents, verdicts)
    bases = _newest_bases(conn, target_id)
    packer = Packer(_RUN_LEVEL)
    for digest, base in ((manifest, bases.manifest if bases else None), (record, bases.record if bases else None)):
        if digest in contents:
            packs[digest] = _packed_like(packer, contents[digest], base)
    readings = _packed_like(packer, run.volatile, bases.volatile if bases else None)
    base_seq = bases.volatile_seq if bases and readings.codec == blobs.PATCH else None
    return Prepared(documents, verdicts, list(packs.values()), manifest, record, readings, base_seq)


def unpack_volatile(row: Row[*tuple[Any, ...]], base: bytes | None) -> bytes:
    """Unpack one row of volatile readings; `base` are the readings of the run that it is a patch of."""
    name = f"volatile {row.seq}"
    if row.data is None:
        raise IntegrityError(f"{name}: its bytes are missing")
    return blobs.unpack(name, Packed(row.sha256, row.codec, None, row.raw_len, row.data), base)


def manifest_of(tallies: Sequence[Tally]) -> bytes:
    """Which checks ran, by which code and parameters, and what each counted, as JSON ordered by check."""
    checks = [
        {
            "check": tally.check_id,
            "code": tally.code_digest,
            "params": dict(tally.params),
            "counts": {str(outcome): count for outcome, count in tally.counts.items()},
        }
        for tally in sorted(tallies, key=lambda tally: tally.check_id)
    ]
    return canon.dumps({"checks": checks})


def _documents(versions: Sequence[Version], contents: dict[bytes, bytes]) -> dict[Key, bytes | None]:
    """Hash of each document, noting the contents."""
    found: dict[Key, bytes | None] = {}
    for one in versions:
        refuse_unclear(one.key)
        if one.key in found:
            raise NotEncodable(f"{one.key.kind} {one.key.uid!r} is given twice in one run")
        found[one.key] = None if one.content is None else _noted(contents, one.content)
    return found


def _verdicts(transitions: Sequence[Transition], contents: dict[bytes, bytes]) -> dict[tuple[str, Key], Verdict | None]:
    """Verdict of each pair, noting the details."""
    found: dict[tuple[str, Key], Verdict | None] = {}
    for one in transitions:
        refuse_unclear(one.subject)
        pair = (one.check_id, one.subject)
        if pair in found:
            raise NotEncodable(f"{one.check_id} on {one.subject.uid!r} is given twice in one run")
        if one.outcome is not None and one.detail is not None:
            found[pair] = Verdict(OUTCOME_NUMBERS[one.outcome], _noted(contents, one.detail))
        elif one.outcome is None and one.detail is None:
            found[pair] = None
        else:
            raise NotEncodable(f"{one.check_id} on {one.subject.uid!r}: outcome and detail go together")
    return found


def _noted(contents: dict[bytes, bytes], content: bytes) -> bytes:
    """Remember a content and return its hash."""
    digest = sha256(content)
    contents[digest] = content
    return digest


def _pack_details(
    conn: Connection,
    packer: Packer,
    packs: dict[bytes, Packed],
    contents: Mapping[bytes, bytes],
    verdicts: Mapping[tuple[str, Key], Verdict | None],
) -> None:
    """Pack details as patches of one detail of the same check: their wording is nearly the same."""
    fresh: dict[str, dict[bytes, None]] = {}
    for (check_id, _), verdict in verdicts.items():
        if verdict is not None and verdict.detail in contents:
            fresh.setdefault(check_id, {})[verdict.detail] = None
    bases = _kept_details(conn, list(fresh))
    for check_id, digests in fresh.items():
        base = bases.get(check_id)
        for digest in digests:
            if digest not in packs:
                packs[digest] = packer.pack(contents[digest], base)
            if base is None and packs[digest].codec != blobs.PATCH:
                base = contents[digest]


def _kept_details(conn: Connection, check_ids: Sequence[str]) -> dict[str, bytes]:
    """One detail that is already kept, for each of these checks that has any."""
    bids: dict[str, int] = {}
    for check_id, chk in find_checks(conn, check_ids).items():
        kept = select(result.c.detail_bid).where(result.c.chk == chk, result.c.detail_bid.is_not(None))
        bid = conn.scalar(kept.order_by(result.c.rid, result.c.seq).limit(1))
        if bid is not None:
            bids[check_id] = bid
    return _plain(conn, bids)


def _first_versions(conn: Connection, target_id: int, keys: Sequence[Key]) -> dict[Key, bytes]:
    """First content ever kept of each document, where there is one."""
    known = find_resources(conn, target_id, keys)
    by_rid = {one.rid: key for key, one in known.items()}
    bids: dict[Key, int] = {}
    for some in blobs.in_chunks(by_rid):
        earliest = (
            select(version.c.rid, func.min(version.c.seq).label("seq"))
            .where(version.c.rid.in_(some), version.c.bid.is_not(None))
            .group_by(version.c.rid)
            .subquery()
        )
        query = select(version.c.rid, version.c.bid).join(
            earliest, (earliest.c.rid == version.c.rid) & (earliest.c.seq == version.c.seq)
        )
        bids |= {by_rid[rid]: bid for rid, bid in conn.execute(query)}
    return _plain(conn, bids)


def _newest_bases(conn: Connection, target_id: int) -> _Bases | None:
    """Where patches of what the next run keeps may start; None before the target's first sealed run."""
    newest = (
        select(ledger.c.seq)
        .where(ledger.c.type == "run", ledger.c.target_id == target_id)
        .order_by(ledger.c.seq.desc())
        .limit(1)
    )
    seq = conn.scalar(newest)
    if seq is None:
        return None
    beat = conn.execute(select(heartbeat).where(heartbeat.c.seq == seq)).one()
    plain = _plain(conn, {"manifest": beat.manifest_bid, "record": beat.record_bid})
    base_seq = conn.scalar(select(func.coalesce(volatile.c.base_seq, volatile.c.seq)).where(volatile.c.seq == seq))
    row = conn.execute(select(volatile).where(volatile.c.seq == base_seq)).one()
    return _Bases(plain["manifest"], plain["record"], unpack_volatile(row, None), row.seq)


def _packed_like(packer: Packer, content: bytes, base: bytes | None) -> Packed:
    """A patch of the base, or the whole where that is hardly longer: then later runs are patched from it.

    So the base follows what changes slowly, and a first run, which tells of everything, does not serve as one.
    """
    whole = packer.pack(content)
    if base is None or len(base) > _ALIKE * len(content):
        return whole
    patch = packer.pack(content, base)
    return patch if len(patch.data) < _WORTH_PATCHING * len(whole.data) else whole


def _plain(conn: Connection, bids: Mapping[_Name, int]) -> dict[_Name, bytes]:
    """Contents to patch from: each kept one, or the base that it is itself a patch of."""
    plain = blobs.bases_of(conn, bids.values())
    contents = blobs.load(conn, plain.values())
    return {name: contents[plain[bid]] for name, bid in bids.items()}
