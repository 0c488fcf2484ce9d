"""The trees: equal to an independent implementation, and no proof holds for another statement."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from storage import merkle
from storage.merkle import CompactRange, MapProof, MerkleMap, verify_map


class Log:
    """A log in memory, grown by the functions under test."""

    def __init__(self, entries: list[bytes]) -> None:
        """Append all entries."""
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.size = 0
        for entry in entries:
            leaf = merkle.leaf_hash(entry)
            completed = merkle.append(self.node, self.size, leaf)
            self.nodes[0, self.size] = leaf
            self.nodes |= {(level, index): digest for level, index, digest in completed}
            self.size += 1

    def node(self, level: int, index: int) -> bytes:
        """One complete subtree."""
        return self.nodes[level, index]

    def root(self, size: int) -> bytes:
        """Root of the first entries."""
        return merkle.root(self.node, size)


SIZES = st.integers(1, 130)


@given(SIZES)
def test_roots_equal_an_independent_tree(size: int) -> None:
    """At every size the root is the one that pymerkle computes, and the compact range agrees."""
    entries = [b"entry %d" % n for n in range(size)]
    oracle = InmemoryTree(algorithm="sha256")
    edge = CompactRange()
    log = Log(entries)
    for count, entry in enumerate(entries, start=1):
        oracle.append_entry(entry)
        completed = edge.append(merkle.leaf_hash(entry))
        assert all(log.nodes[level, index] == digest for level, index, digest in completed)
        assert edge.root() == log.root(count)
    assert edge.root() == oracle.get_root()


def test_published_roots() -> None:
    """Roots of the certificate transparency test vectors: the empty log, one empty entry, and eight entries."""
    entries = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                                                "606162636465666768696a6b6c6d6e6f")]  # fmt: skip
    log = Log(entries)
    assert log.root(0).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert log.root(1).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert log.root(8).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@settings(deadline=None)
@given(SIZES, st.data())
def test_inclusion_proofs_hold_for_their_leaf_only(size: int, data: st.DataObject) -> None:
    """A path proves its own leaf at its own index and size, and nothing else."""
    log = Log([b"entry %d" % n for n in range(size)])
    index = data.draw(st.integers(0, size - 1))
    path, leaf, root = merkle.inclusion_proof(log.node, index, size), log.nodes[0, index], log.root(size)

    assert merkle.verify_inclusion(leaf, index, size, path, root)
    for other in {data.draw(st.integers(0, size + 1)), index + 1, index ^ 1} - {index}:
        assert not merkle.verify_inclusion(leaf, other, size, path, root)
    assert not merkle.verify_inclusion(merkle.leaf_hash(b"forged"), index, size, path, root)
    assert not merkle.verify_inclusion(leaf, index, size, [*path, bytes(32)], root)
    assert not merkle.verify_inclusion(leaf, index, size, path, bytes(32))
    if path:
        assert not merkle.verify_inclusion(leaf, index, size, path[:-1], root)
        assert not merkle.verify_inclusion(leaf, index, size, [path[0][:31], *path[1:]], root)


@settings(deadline=None)
@given(SIZES, st.data())
def test_consistency_proofs_hold_for_their_sizes_only(size: int, data: st.DataObject) -> None:
    """A proof connects its two roots at their sizes, and no others."""
    log = Log([b"entry %d" % n for n in range(size)])
    old = data.draw(st.integers(1, size))
    proof = merkle.consistency_proof(log.node, old, size)

    assert merkle.verify_consistency(old, size, log.root(old), log.root(size), proof)
    forged = Log([b"entry %d" % n if n else b"forged" for n in range(size)])
    assert not merkle.verify_consistency(old, size, forged.root(old), log.root(size), proof)
    assert not merkle.verify_consistency(old, size, log.root(old), forged.root(size), proof)
    assert not merkle.verify_consistency(old, size, log.root(old), log.root(size), [*proof, bytes(32)])
    if old < size:
        assert not merkle.verify_consistency(old, size, log.root(old), log.root(size), proof[1:])
        assert not merkle.verify_consistency(old, size, log.root(old), log.root(size), [])


def test_impossible_proofs_are_refused() -> None:
    """No proof is made or accepted for a leaf or a size outside the log."""
    log = Log([b"one", b"two"])
    with pytest.raises(ValueError, match="no leaf 2"):
        merkle.inclusion_proof(log.node, 2, 2)
    with pytest.raises(ValueError, match="from 0 to 2"):
        merkle.consistency_proof(log.node, 0, 2)
    assert not merkle.verify_inclusion(log.nodes[0, 0], -1, 2, [], log.root(2))
    assert not merkle.verify_consistency(3, 2, log.root(2), log.root(2), [])


KEYS = st.integers(0, 40).map(lambda n: hashlib.sha256(b"%d" % n).digest())
STATES = st.dictionaries(KEYS, st.binary(min_size=32, max_size=32), max_size=30)


@settings(deadline=None, max_examples=25)
@given(STATES, STATES)
def test_buckets_put_one_by_one_give_the_same_root(before: dict[bytes, bytes], after: dict[bytes, bytes]) -> None:
    """A map kept up bucket by bucket has the root of a map built at once, also when unpacked from its hashes."""
    kept = MerkleMap(MerkleMap.of(before).packed())
    for bucket in {merkle.bucket_of(key) for key in before | after}:
        kept.put(bucket, [(key, value) for key, value in after.items() if merkle.bucket_of(key) == bucket])
    assert kept.root() == MerkleMap.of(after).root()
    assert (kept.root() == MerkleMap.of(before).root()) == (before == after)


@settings(deadline=None, max_examples=25)
@given(STATES, KEYS)
def test_map_proofs_show_presence_and_absence(state: dict[bytes, bytes], key: bytes) -> None:
    """A map proof shows exactly the value, or exactly the absence, and nothing else."""
    built = MerkleMap.of(state)
    bucket = [(k, v) for k, v in state.items() if merkle.bucket_of(k) == merkle.bucket_of(key)]
    proof, root = built.prove(key, bucket), built.root()

    assert verify_map(key, state.get(key), proof, root)
    assert not verify_map(key, hashlib.sha256(state.get(key, b"")).digest(), proof, root)
    assert verify_map(key, None, proof, root) == (key not in state)
    assert not verify_map(key, state.get(key), proof, bytes(32))
    assert not verify_map(key, state.get(key), MapProof(proof.pairs, proof.siblings[:-1]), root)
    if key in state:
        pruned = MapProof(tuple(pair for pair in proof.pairs if pair[0] != key), proof.siblings)
        assert not verify_map(key, None, pruned, root)


def test_pairs_cannot_be_cut_elsewhere() -> None:
    """Pairs of other lengths, out of order or in a foreign bucket are no proof even if they hash alike."""
    key, value = bytes(32), b"\1" * 32
    built = MerkleMap.of({key: value})
    good = built.prove(key, [(key, value)])
    joined = key + value
    assert verify_map(key, value, good, built.root())
    assert not verify_map(key, None, MapProof(((joined[:31], joined[31:]),), good.siblings), built.root())
    assert not verify_map(b"\xff" * 32, None, good, built.root())
    with pytest.raises(ValueError, match="are not 4096 bucket hashes"):
        MerkleMap(b"short")
