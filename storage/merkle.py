"""The two hash trees: an append-only log of entries (RFC 9162) and a map of the state after each run.

Both are plain functions over bytes; where the nodes are kept is the caller's business.  A verifier is always
told index and size by whoever verifies, never by the proof itself.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

HASH_LENGTH = 32
BUCKET_BITS = 12
BUCKETS = 1 << BUCKET_BITS
"""4,096 buckets: about two documents or two dozen verdicts in each for an account of 10,000 resources."""

Node: TypeAlias = Callable[[int, int], bytes]
"""Reads the hash of one complete subtree: (level, index) covers 2^level leaves from index << level."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash of one log entry; the prefix keeps leaves and interior nodes apart (RFC 9162 §2.1.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an interior node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


# The log


def append(node: Node, size: int, leaf: bytes) -> list[tuple[int, int, bytes]]:
    """Subtrees that `leaf` completes in a log of `size` leaves so far: (level, index, hash), level >= 1."""
    completed = []
    level, index, current = 0, size, leaf
    while index & 1:
        current = node_hash(node(level, index - 1), current)
        level, index = level + 1, index >> 1
        completed.append((level, index, current))
    return completed


class CompactRange:
    """The right edge of a growing log: the log2(size) hashes needed to append and to tell the root."""

    def __init__(self) -> None:
        """Start an empty log."""
        self.size = 0
        self._edge: list[tuple[int, bytes]] = []

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add one leaf hash; return the subtrees it completes as (level, index, hash)."""
        completed: list[tuple[int, int, bytes]] = []
        level, index, current = 0, self.size, leaf
        while index & 1:
            _, left = self._edge.pop()
            current = node_hash(left, current)
            level, index = level + 1, index >> 1
            completed.append((level, index, current))
        self._edge.append((level, current))
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Root over all leaves so far; the hash of nothing for an empty log."""
        return _fold([digest for _, digest in self._edge])


def root(node: Node, size: int) -> bytes:
    """Root of the first `size` leaves, read from complete subtrees."""
    return _subroot(node, 0, size)


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """Audit path of leaf `index` in the log of `size` leaves, lowest sibling first (RFC 9162 §2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a log of {size}")
    path: list[bytes] = []
    start = 0
    while size > 1:
        split = _split(size)
        if index < split:
            path.append(_subroot(node, start + split, size - split))
            size = split
        else:
            path.append(_subroot(node, start, split))
            start, index, size = start + split, index - split, size - split
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], expected_root: bytes) -> bool:
    """Whether `path` leads from `leaf` at `index` to the root of a log of `size` (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size or any(len(step) != HASH_LENGTH for step in path):
        return False
    position, last, current = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            current = node_hash(step, current)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            current = node_hash(current, step)
        position, last = position >> 1, last >> 1
    return last == 0 and current == expected_root


def consistency_proof(node: Node, old: int, new: int) -> list[bytes]:
    """Proof that the log of `old` leaves is the beginning of the log of `new` leaves (RFC 9162 §2.1.4.1)."""
    if not 0 < old <= new:
        raise ValueError(f"no consistency proof from {old} to {new}")
    proof: list[bytes] = []
    start, size, whole = 0, new, True
    while old != size:
        split = _split(size)
        if old <= split:
            proof.append(_subroot(node, start + split, size - split))
            size = split
        else:
            proof.append(_subroot(node, start, split))
            start, old, size, whole = start + split, old - split, size - split, False
    if not whole:
        proof.append(_subroot(node, start, size))
    return proof[::-1]


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the newer root only adds to the older one (RFC 9162 §2.1.4.2)."""
    if not 0 < old <= new or any(len(step) != HASH_LENGTH for step in proof):
        return False
    if old == new:
        return not proof and old_root == new_root
    steps = list(proof)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            second = node_hash(second, step)
        position, last = position >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def _split(size: int) -> int:
    """Largest power of two below `size` (size > 1)."""
    return 1 << (size - 1).bit_length() - 1


def _subroot(node: Node, start: int, size: int) -> bytes:
    """Root of `size` leaves from `start`, which is aligned to every complete subtree inside."""
    peaks = []
    while size:
        level = size.bit_length() - 1
        peaks.append(node(level, start >> level))
        start, size = start + (1 << level), size - (1 << level)
    return _fold(peaks)


def _fold(peaks: Sequence[bytes]) -> bytes:
    """Join complete subtrees, smallest (rightmost) first."""
    if not peaks:
        return hashlib.sha256(b"").digest()
    current = peaks[-1]
    for peak in reversed(peaks[:-1]):
        current = node_hash(peak, current)
    return current


# The map


def bucket_of(key: bytes) -> int:
    """Bucket of a 32-byte key: its leading 12 bits."""
    return int.from_bytes(key[:2], "big") >> 16 - BUCKET_BITS


def bucket_hash(pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Hash of one bucket's (32-byte key, 32-byte value) pairs in key order; keys must differ."""
    return hashlib.sha256(b"\x00" + b"".join(key + value for key, value in sorted(pairs))).digest()


EMPTY_BUCKET = bucket_hash(())


@dataclass(frozen=True, slots=True)
class MapProof:
    """Shows what a map holds, or does not, under one key: its bucket and the siblings up to the root."""

    pairs: tuple[tuple[bytes, bytes], ...]
    siblings: tuple[bytes, ...]
    """Twelve hashes, lowest level first."""


class MerkleMap:
    """A map from 32-byte keys to 32-byte values with one root; knows bucket hashes only, not the pairs."""

    def __init__(self, hashes: bytes | None = None) -> None:
        """Start empty, or from `packed()` bucket hashes; ValueError when their length is wrong."""
        if hashes is None:
            hashes = EMPTY_BUCKET * BUCKETS
        if len(hashes) != HASH_LENGTH * BUCKETS:
            raise ValueError(f"{len(hashes)} bytes are not {BUCKETS} bucket hashes")
        self._buckets = [hashes[at : at + HASH_LENGTH] for at in range(0, len(hashes), HASH_LENGTH)]

    @classmethod
    def of(cls, items: Mapping[bytes, bytes]) -> MerkleMap:
        """Build from all pairs at once."""
        built = cls()
        buckets: dict[int, list[tuple[bytes, bytes]]] = {}
        for key, value in items.items():
            buckets.setdefault(bucket_of(key), []).append((key, value))
        for bucket, pairs in buckets.items():
            built.put(bucket, pairs)
        return built

    def put(self, bucket: int, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        """Replace the whole content of one bucket."""
        self._buckets[bucket] = bucket_hash(pairs)

    def packed(self) -> bytes:
        """All bucket hashes in order, 128 KiB, to start again from."""
        return b"".join(self._buckets)

    def root(self) -> bytes:
        """Root over all buckets."""
        return self._levels()[-1][0]

    def prove(self, key: bytes, pairs: Iterable[tuple[bytes, bytes]]) -> MapProof:
        """Proof about `key`, given the pairs now in its bucket; serves presence and absence alike."""
        position = bucket_of(key)
        siblings = []
        for level in self._levels()[:-1]:
            siblings.append(level[position ^ 1])
            position >>= 1
        return MapProof(tuple(sorted(pairs)), tuple(siblings))

    def _levels(self) -> list[list[bytes]]:
        """Bucket hashes, then each level above, up to the single root."""
        levels = [self._buckets]
        while len(levels[-1]) > 1:
            below = levels[-1]
            levels.append([node_hash(below[at], below[at + 1]) for at in range(0, len(below), 2)])
        return levels


def verify_map(key: bytes, value: bytes | None, proof: MapProof, expected_root: bytes) -> bool:
    """Whether the map with this root holds `value` under `key`, or nothing at all when `value` is None."""
    position = bucket_of(key)
    keys = [pair_key for pair_key, _ in proof.pairs]
    well_formed = (
        len(key) == HASH_LENGTH
        and len(proof.siblings) == BUCKET_BITS
        and all(len(sibling) == HASH_LENGTH for sibling in proof.siblings)
        and all(len(k) == HASH_LENGTH and len(v) == HASH_LENGTH for k, v in proof.pairs)
        and all(left < right for left, right in pairwise(keys))
        and all(bucket_of(k) == position for k in keys)
    )
    if not well_formed:
        return False
    current = bucket_hash(proof.pairs)
    for sibling in proof.siblings:
        current = node_hash(sibling, current) if position & 1 else node_hash(current, sibling)
        position >>= 1
    at = bisect_left(keys, key)
    found = proof.pairs[at][1] if at < len(keys) and keys[at] == key else None
    return current == expected_root and found == value
