"""The state map, built by its definition: buckets of sorted pairs under a tree of twelve levels."""

from __future__ import annotations

from collections.abc import Mapping

from storage.merkle import BUCKET_BITS, BUCKETS, EMPTY_BUCKET, bucket_hash, bucket_of, node_hash


def _empty_nodes() -> list[bytes]:
    """Hash of a subtree without any pair, for each level."""
    nodes = [EMPTY_BUCKET]
    for _ in range(BUCKET_BITS):
        nodes.append(node_hash(nodes[-1], nodes[-1]))
    return nodes


_EMPTY = _empty_nodes()


class StateMap:
    """All pairs of one map, and its tree, of which a change recomputes the touched paths only."""

    def __init__(self) -> None:
        """Start empty."""
        self._pairs: dict[int, dict[bytes, bytes]] = {}
        self._levels: list[dict[int, bytes]] = [{} for _ in range(BUCKET_BITS + 1)]

    def change(self, changes: Mapping[bytes, bytes | None]) -> None:
        """Set values, and take out the keys whose new value is None."""
        touched = set()
        for key, value in changes.items():
            bucket = bucket_of(key)
            pairs = self._pairs.setdefault(bucket, {})
            if value is None:
                pairs.pop(key, None)
            else:
                pairs[key] = value
            touched.add(bucket)
        level = self._levels[0]
        for bucket in touched:
            level[bucket] = bucket_hash(self._pairs[bucket].items())
        for depth in range(BUCKET_BITS):
            below, above, empty = self._levels[depth], self._levels[depth + 1], _EMPTY[depth]
            touched = {position >> 1 for position in touched}
            for position in touched:
                left = below.get(position << 1, empty)
                above[position] = node_hash(left, below.get(position << 1 | 1, empty))

    def root(self) -> bytes:
        """Root over all buckets."""
        return self._levels[-1].get(0, _EMPTY[-1])

    def packed(self) -> bytes:
        """All bucket hashes in order, as the store's cache keeps them."""
        level = self._levels[0]
        return b"".join(level.get(bucket, EMPTY_BUCKET) for bucket in range(BUCKETS))
