"""The state map, built by its definition: buckets of sorted pairs under a tree of twelve levels."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from itertools import pairwise

from storage.merkle import BUCKET_BITS, BUCKETS, EMPTY_BUCKET, bucket_of, node_hash


def _empty_nodes() -> list[bytes]:
    """Hash of a subtree without any pair, for each level."""
    nodes = [EMPTY_BUCKET]
    for _ in range(BUCKET_BITS):
        nodes.append(node_hash(nodes[-1], nodes[-1]))
    return nodes


_EMPTY = _empty_nodes()


class _Level(dict[int, bytes]):
    """Hashes of one level; what was never touched is empty and takes no room."""

    def __init__(self, empty: bytes) -> None:
        super().__init__()
        self._empty = empty

    def __missing__(self, position: int) -> bytes:
        return self._empty


class StateMap:
    """All pairs of one map, and its tree, of which a change recomputes the touched paths only."""

    def __init__(self) -> None:
        """Start empty."""
        self._pairs: dict[int, dict[bytes, bytes]] = {}
        self._levels = [_Level(empty) for empty in _EMPTY]

    def change(self, changes: Mapping[bytes, bytes | None]) -> None:
        """Set values, and take out the keys whose new value is None.

        This is the innermost loop of a verification, so the two hashes are written out here.
        """
        touched = set()
        for key, value in changes.items():
            bucket = bucket_of(key)
            pairs = self._pairs.setdefault(bucket, {})
            if value is None:
                pairs.pop(key, None)
            else:
                pairs[key] = key + value
            touched.add(bucket)
        level = self._levels[0]
        for bucket in touched:
            level[bucket] = sha256(b"\x00" + b"".join(sorted(self._pairs[bucket].values()))).digest()
        for below, above in pairwise(self._levels):
            touched = {position >> 1 for position in touched}
            for position in touched:
                left, right = below[2 * position], below[2 * position + 1]
                above[position] = sha256(b"\x01" + left + right).digest()

    def root(self) -> bytes:
        """Root over all buckets."""
        return self._levels[-1][0]

    def packed(self) -> bytes:
        """All bucket hashes in order, as the store's cache keeps them."""
        level = self._levels[0]
        return b"".join(level[bucket] for bucket in range(BUCKETS))
