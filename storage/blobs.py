"""Contents by hash: each kept once, compressed, and checked against its hash whenever it is read.

A content that resembles an earlier one is kept as a zstd patch of it.  A patch's base is never a patch
itself, so reading takes two steps at most.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import zstandard
from sqlalchemy import Connection, Row, func, select

from storage.canon import sha256
from storage.errors import IntegrityError, StoreError
from storage.tables import blob

RAW, ZSTD, PATCH = 0, 1, 2
JSON = "application/json"
MAX_LENGTH = 1 << 30
"""Longest content kept or read, in bytes."""
CHUNK = 500
"""Rows that are read or compared at a time: below every database's limit of parameters."""

_LEVEL = 3
_WORTH_COMPRESSING = 64
_DICTIONARIES_KEPT = 256
_Item = TypeVar("_Item")
_contexts = threading.local()


@dataclass(frozen=True, slots=True)
class Packed:
    """One content ready to be written."""

    sha256: bytes
    codec: int
    base: bytes | None
    """SHA-256 of the content that a patch starts from."""
    raw_len: int
    data: bytes


class Packer:
    """Compresses contents, reusing one context for each base; not for use by several threads at once."""

    def __init__(self, level: int = _LEVEL) -> None:
        """Start with the plain context only; a higher level is slower and shortens more."""
        self._level = level
        self._plain = zstandard.ZstdCompressor(level=level, write_content_size=False)
        self._patching: dict[bytes, zstandard.ZstdCompressor] = {}

    def pack(self, content: bytes, base: bytes | None = None) -> Packed:
        """Keep the content as it is, compressed, or as a patch of `base`: whichever is shortest."""
        if len(content) > MAX_LENGTH:
            raise StoreError(f"a content of {len(content)} bytes is longer than the store takes ({MAX_LENGTH})")
        digest = sha256(content)
        best = Packed(digest, RAW, None, len(content), content)
        if len(content) < _WORTH_COMPRESSING:
            return best
        plain = self._plain.compress(content)
        if len(plain) < len(best.data):
            best = Packed(digest, ZSTD, None, len(content), plain)
        if base:
            patch = self._compressor(base).compress(content)
            if len(patch) < len(best.data):
                best = Packed(digest, PATCH, sha256(base), len(content), patch)
        return best

    def _compressor(self, base: bytes) -> zstandard.ZstdCompressor:
        """A context with `base` loaded as its history."""
        found = self._patching.get(base)
        if found is None:
            if len(self._patching) >= _DICTIONARIES_KEPT:
                self._patching.clear()
            found = zstandard.ZstdCompressor(
                level=self._level, dict_data=_history(base), write_content_size=False, write_dict_id=False
            )
            self._patching[base] = found
        return found


def plain(content: bytes) -> Packed:
    """Keep the content as it is, so that SQL itself can read it: for the few contents that views show."""
    if len(content) > MAX_LENGTH:
        raise StoreError(f"a content of {len(content)} bytes is longer than the store takes ({MAX_LENGTH})")
    return Packed(sha256(content), RAW, None, len(content), content)


def unpack(name: str, kept: Packed, base: bytes | None) -> bytes:
    """Return the exact content; the output is bounded before inflating.

    IntegrityErrors begin with `name`.
    """
    if not 0 <= kept.raw_len <= MAX_LENGTH:
        raise IntegrityError(f"{name}: a recorded length of {kept.raw_len} is impossible")
    content = kept.data if kept.codec == RAW else _inflate(name, kept, base if kept.codec == PATCH else None)
    if len(content) != kept.raw_len:
        raise IntegrityError(f"{name}: {len(content)} bytes instead of {kept.raw_len}")
    if sha256(content) != kept.sha256:
        raise IntegrityError(f"{name}: the bytes do not have this hash")
    return content


def put(conn: Connection, packed: Iterable[Packed], media: str = JSON) -> dict[bytes, int]:
    """Write the contents that are not there yet; return the row number of each by hash.

    The caller holds the ledger.  Bases are among `packed` or already written.
    """
    wanted = {one.sha256: one for one in packed}
    bids = find(conn, wanted.keys())
    fresh = _on_plain_bases(conn, [one for digest, one in wanted.items() if digest not in bids])
    bids |= find(conn, {one.base for one in fresh if one.base is not None} - bids.keys())
    after = conn.scalar(select(func.coalesce(func.max(blob.c.bid), 0))) or 0
    rows = []
    for bid, one in enumerate(fresh, start=after + 1):
        bids[one.sha256] = bid
        rows.append(
            {
                "bid": bid,
                "sha256": one.sha256,
                "codec": one.codec,
                "base_bid": None if one.base is None else bids[one.base],
                "raw_len": one.raw_len,
                "media": media,
                "data": one.data,
            }
        )
    if rows:
        conn.execute(blob.insert(), rows)
    return {digest: bids[digest] for digest in wanted}


def find(conn: Connection, digests: Collection[bytes]) -> dict[bytes, int]:
    """Row numbers of the contents that are already kept."""
    found: dict[bytes, int] = {}
    for some in in_chunks(digests):
        rows = conn.execute(select(blob.c.sha256, blob.c.bid).where(blob.c.sha256.in_(some)))
        found |= {bytes(digest): bid for digest, bid in rows}
    return found


def load(conn: Connection, bids: Collection[int]) -> dict[int, bytes]:
    """Contents by row number, checked against length and hash; IntegrityError names the first bad one."""
    contents: dict[int, bytes] = {}
    bases: dict[int, bytes] = {}
    for some in in_chunks(sorted(set(bids))):
        rows = _rows(conn, some)
        patches = {row.base_bid for row in rows.values() if row.codec == PATCH} - bases.keys()
        for base in _rows(conn, sorted(patches)).values():
            if base.codec == PATCH:
                raise IntegrityError(f"blob {base.sha256.hex()}: a patch serves as the base of another patch")
            bases[base.bid] = _unpack(base, None)
        for bid in some:
            if bid not in rows:
                raise IntegrityError(f"blob number {bid}: referred to but missing")
            contents[bid] = _unpack(rows[bid], bases.get(rows[bid].base_bid))
    return contents


def bases_of(conn: Connection, bids: Collection[int]) -> dict[int, int]:
    """Where a patch of each of these may start: at the content itself, or at its base if it is a patch."""
    found: dict[int, int] = {}
    for some in in_chunks(sorted(set(bids))):
        rows = conn.execute(
            select(blob.c.bid, func.coalesce(blob.c.base_bid, blob.c.bid).label("base")).where(blob.c.bid.in_(some))
        )
        found |= {row.bid: row.base for row in rows}
    return found


def in_chunks(items: Iterable[_Item]) -> Iterator[Sequence[_Item]]:
    """Cut into lists of at most `CHUNK`."""
    chunk: list[_Item] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _on_plain_bases(conn: Connection, fresh: Sequence[Packed]) -> list[Packed]:
    """Order bases before patches; pack anew what would patch a content that became a patch itself meanwhile.

    That happens when another run wrote the same content between packing and writing.
    """
    bases = {one.base for one in fresh if one.base is not None}
    bids = find(conn, bases)
    plain = bases_of(conn, bids.values())
    moved = {digest: bid for digest, bid in bids.items() if plain[bid] != bid}
    contents = load(conn, moved.values())
    ready = []
    for one in fresh:
        if one.base in moved:
            base = contents[moved[one.base]]
            name = f"blob {one.sha256.hex()}"
            ready.append(Packer().pack(unpack(name, one, base)))
        else:
            ready.append(one)
    return sorted(ready, key=lambda one: one.codec == PATCH)


def _rows(conn: Connection, bids: Sequence[int]) -> Mapping[int, Row[*tuple[Any, ...]]]:
    """Read rows as they are kept."""
    if not bids:
        return {}
    columns = (blob.c.bid, blob.c.sha256, blob.c.codec, blob.c.base_bid, blob.c.raw_len, blob.c.data)
    return {row.bid: row for row in conn.execute(select(*columns).where(blob.c.bid.in_(bids)))}


def _unpack(row: Row[*tuple[Any, ...]], base: bytes | None) -> bytes:
    """Unpack one row."""
    name = f"blob {row.sha256.hex()}"
    if row.data is None:
        raise IntegrityError(f"{name}: its bytes are missing")
    return unpack(name, Packed(row.sha256, row.codec, None, row.raw_len, row.data), base)


def _inflate(name: str, kept: Packed, base: bytes | None) -> bytes:
    """Decompress to the recorded length at most, whatever the frame claims about itself."""
    try:
        claimed = zstandard.frame_content_size(kept.data)
        if claimed > kept.raw_len:
            raise IntegrityError(f"{name}: the compressed bytes claim {claimed} bytes instead of {kept.raw_len}")
        return _decompressor(base).decompress(kept.data, max_output_size=kept.raw_len)
    except zstandard.ZstdError as error:
        raise IntegrityError(f"{name}: the compressed bytes are damaged ({error})") from error


def _decompressor(base: bytes | None) -> zstandard.ZstdDecompressor:
    """A context of this thread, with `base` as history; making one is slow, so some hundred are kept."""
    kept: dict[bytes | None, zstandard.ZstdDecompressor] | None = getattr(_contexts, "kept", None)
    if kept is None or len(kept) > _DICTIONARIES_KEPT:
        kept = _contexts.kept = {}
    found = kept.get(base)
    if found is None:
        found = zstandard.ZstdDecompressor(dict_data=_history(base)) if base else zstandard.ZstdDecompressor()
        kept[base] = found
    return found


def _history(base: bytes) -> zstandard.ZstdCompressionDict:
    """Raw content that a patch may copy from."""
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
