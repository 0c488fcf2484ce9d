"""Row numbers for targets, resources and checks, and the hashes that bind evidence to a resource."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from storage.blobs import CHUNK, in_chunks
from storage.canon import sha256
from storage.errors import NotEncodable
from storage.rows import Key, Target
from storage.tables import check_name, resource, target


@dataclass(frozen=True, slots=True)
class Resource:
    """A known document or judged resource."""

    rid: int
    key_hash: bytes


def key_hash(who: Target, key: Key) -> bytes:
    """Key of a document in the state map: SHA-256 over its identity, each part ended by a zero byte.

    The parts are cloud, account, kind, uid, region and name, the last two as first seen: for a known resource
    use the hash that is kept.  The target's name is left out: it is the company's word and may change.
    """
    parts = (who.cloud, who.account, key.kind, key.uid, key.region, key.name)
    return sha256(b"".join(part.encode() + b"\0" for part in parts))


def refuse_unclear(key: Key) -> None:
    """NotEncodable for text that is not UTF-8, and for a zero byte: two identities could share a hash."""
    try:
        unclear = any(b"\0" in part.encode() for part in (key.kind, key.uid, key.region, key.name))
    except UnicodeEncodeError:
        unclear = True
    if unclear:
        raise NotEncodable(f"a zero byte, or half a character, in the identity of {key.kind} {key.uid!r}")


def result_key(check_id: str, subject: bytes) -> bytes:
    """Key of a verdict in the result map: SHA-256 over check id, a zero byte and the resource's key hash."""
    return sha256(check_id.encode() + b"\0" + subject)


def result_value(outcome: int, detail_sha: bytes) -> bytes:
    """Value of a verdict in the result map: SHA-256 over the outcome's number and the hash of its detail."""
    return sha256(bytes((outcome,)) + detail_sha)


def find_target(conn: Connection, who: Target) -> int | None:
    """Row number of a target, or None when nothing was ever kept about it."""
    same = (target.c.cloud == who.cloud) & (target.c.name == who.name) & (target.c.account == who.account)
    found: int | None = conn.scalar(select(target.c.target_id).where(same))
    return found


def add_target(conn: Connection, who: Target) -> int:
    """Row number of a target, made when it is new.  The caller holds the ledger."""
    known = find_target(conn, who)
    if known is not None:
        return known
    number = int(conn.scalar(select(func.coalesce(func.max(target.c.target_id), 0))) or 0) + 1
    row = {"target_id": number, "cloud": who.cloud, "name": who.name, "account": who.account}
    conn.execute(target.insert(), row)
    return number


def find_resources(conn: Connection, target_id: int, keys: Collection[Key]) -> dict[Key, Resource]:
    """Known resources among `keys`."""
    columns = select(resource.c.kind, resource.c.uid, resource.c.rid, resource.c.key_hash)
    query = columns.where(resource.c.target_id == target_id)
    if len(keys) > CHUNK:
        rows = list(conn.execute(query))
    else:
        by_kind: dict[str, list[str]] = {}
        for key in keys:
            by_kind.setdefault(key.kind, []).append(key.uid)
        rows = []
        for kind, uids in by_kind.items():
            rows += conn.execute(query.where(resource.c.kind == kind, resource.c.uid.in_(uids)))
    found = {Key(kind, uid): Resource(rid, bytes(digest)) for kind, uid, rid, digest in rows}
    return {key: found[key] for key in keys if key in found}


def add_resources(
    conn: Connection, who: Target, target_id: int, keys: Collection[Key], seq: int
) -> dict[Key, Resource]:
    """Resources for all `keys`; new ones are written as first seen at `seq`.  The caller holds the ledger."""
    found = find_resources(conn, target_id, keys)
    new = sorted(set(keys) - found.keys())
    after = int(conn.scalar(select(func.coalesce(func.max(resource.c.rid), 0))) or 0)
    added = {key: Resource(rid, key_hash(who, key)) for rid, key in enumerate(new, start=after + 1)}
    rows = [
        {
            "rid": one.rid,
            "target_id": target_id,
            "kind": key.kind,
            "uid": key.uid,
            "region": key.region,
            "name": key.name,
            "key_hash": one.key_hash,
            "first_seq": seq,
        }
        for key, one in added.items()
    ]
    if rows:
        conn.execute(resource.insert(), rows)
    return found | added


def find_checks(conn: Connection, check_ids: Collection[str]) -> dict[str, int]:
    """Row numbers of the known checks among `check_ids`."""
    found: dict[str, int] = {}
    for some in in_chunks(check_ids):
        rows = conn.execute(select(check_name.c.check_id, check_name.c.chk).where(check_name.c.check_id.in_(some)))
        found |= {row.check_id: row.chk for row in rows}
    return found


def add_checks(conn: Connection, check_ids: Collection[str]) -> Mapping[str, int]:
    """Row numbers of all `check_ids`; new ones are written.  The caller holds the ledger."""
    found = find_checks(conn, check_ids)
    new = sorted(set(check_ids) - found.keys())
    after = int(conn.scalar(select(func.coalesce(func.max(check_name.c.chk), 0))) or 0)
    added = {check_id: chk for chk, check_id in enumerate(new, start=after + 1)}
    if added:
        conn.execute(check_name.insert(), [{"chk": chk, "check_id": check_id} for check_id, chk in added.items()])
    return found | added
