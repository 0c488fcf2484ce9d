"""The state in force after each run, as two Merkle maps per target: documents, and verdicts.

`head` and `result_head` hold the state itself, `map_cache` the bucket hashes.  All three are caches: a run
touches a few buckets, so only their members are read; a verifier rebuilds everything from versions and
results.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, delete, select

from storage.blobs import in_chunks
from storage.canon import sha256
from storage.identity import result_key, result_value
from storage.merkle import MerkleMap, bucket_of
from storage.tables import check_name, head, map_cache, resource, result_head

DOCUMENTS = "documents"
RESULTS = "results"
GONE = bytes(32)
"""Stands for the hash of what is no longer there in a list of changes."""

# Above this, one scan is cheaper than many look-ups.
_MANY_BUCKETS = 500

Changes: TypeAlias = Mapping[bytes, bytes | None]
"""Map key to its new value, or None when it left the map."""


def change_root(changes: Changes) -> bytes:
    """Hash of all that changed in a run: SHA-256 over key and value (zeros when gone), in key order."""
    return sha256(b"".join(key + (value or GONE) for key, value in sorted(changes.items())))


def next_map(conn: Connection, target_id: int, name: str, changes: Changes) -> MerkleMap:
    """Return the map as it is after `changes`, before the caller writes them to the head tables."""
    same = (map_cache.c.target_id == target_id) & (map_cache.c.map == name)
    cached = conn.scalar(select(map_cache.c.hashes).where(same))
    touched = {bucket_of(key) for key in changes}
    wanted = None if cached is None or len(touched) > _MANY_BUCKETS else sorted(touched)
    buckets: dict[int, dict[bytes, bytes]] = {bucket: {} for bucket in touched}
    for key, value in _members(conn, target_id, name, wanted):
        buckets.setdefault(bucket_of(key), {})[key] = value
    for key, new in changes.items():
        if new is None:
            buckets[bucket_of(key)].pop(key, None)
        else:
            buckets[bucket_of(key)][key] = new
    current = MerkleMap(None if cached is None else bytes(cached))
    for bucket, pairs in buckets.items():
        current.put(bucket, pairs.items())
    return current


def keep_map(conn: Connection, target_id: int, name: str, current: MerkleMap) -> None:
    """Remember the bucket hashes for the next run."""
    conn.execute(delete(map_cache).where(map_cache.c.target_id == target_id, map_cache.c.map == name))
    conn.execute(map_cache.insert(), {"target_id": target_id, "map": name, "hashes": current.packed()})


def _members(
    conn: Connection, target_id: int, name: str, buckets: Sequence[int] | None
) -> Iterable[tuple[bytes, bytes]]:
    """Map pairs of the state now in force, in some buckets or in all."""
    if name == DOCUMENTS:
        query = (
            select(resource.c.key_hash, head.c.sha256)
            .select_from(head)
            .join(resource, resource.c.rid == head.c.rid)
            .where(head.c.target_id == target_id)
        )
        for some in _restricted(query, head.c.bucket, buckets):
            for row in conn.execute(some):
                yield bytes(row.key_hash), bytes(row.sha256)
        return
    query = (
        select(check_name.c.check_id, resource.c.key_hash, result_head.c.outcome, result_head.c.detail_sha)
        .select_from(result_head)
        .join(resource, resource.c.rid == result_head.c.rid)
        .join(check_name, check_name.c.chk == result_head.c.chk)
        .where(result_head.c.target_id == target_id)
    )
    for some in _restricted(query, result_head.c.bucket, buckets):
        for row in conn.execute(some):
            yield (
                result_key(row.check_id, bytes(row.key_hash)),
                result_value(row.outcome, bytes(row.detail_sha)),
            )


def _restricted(
    query: Select[*tuple[Any, ...]], column: ColumnElement[int], buckets: Sequence[int] | None
) -> Iterable[Select[*tuple[Any, ...]]]:
    """The query for some buckets, in chunks, or for all."""
    if buckets is None:
        return [query]
    return [query.where(column.in_(some)) for some in in_chunks(buckets)]
