"""Whether single entries are in the ledger, and what manual evidence is worth by that and by its own fields."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from agent.attest import Attestation
from agent.audit import ipe
from agent.audit.ipe import Integrity, People, Reliability, Screenshot
from agent.evaluation.reliability import Trust
from storage import ledger, merkle
from storage.errors import IntegrityError
from storage.ledger import Entry

KEPT = "append-only: nothing in the store is changed or deleted"
NOTHING_BEFORE = "0" * 64
"""Stands for the hash before the first entry."""


class Chain:
    """Proves entries to be in the ledger, under the root that all entries have now."""

    def __init__(self, conn: Connection) -> None:
        """Look at the ledger as it is."""
        self._conn = conn
        self._read = ledger.node_reader(conn)
        self._nodes: dict[tuple[int, int], bytes] = {}
        self._size, self._root = ledger.size(conn), ledger.root(conn)

    def entry(self, seq: int) -> Entry:
        """The entry at a position."""
        (found,) = ledger.entries(self._conn, seq, seq + 1)
        return found

    def integrity(self, seq: int, location: str, *, broken: bool = False) -> Integrity:
        """What the ledger proves of an entry; `broken` when a verification of the whole store found it to be."""
        *before, own = ledger.entries(self._conn, seq - 1, seq + 1)
        return Integrity(
            sequence=seq,
            previous_hash=bytes(before[0].leaf).hex() if before else NOTHING_BEFORE,
            chain_hash=bytes(own.leaf).hex(),
            location=location,
            retention=KEPT,
            hash_verifies=merkle.leaf_hash(bytes(own.entry)) == bytes(own.leaf),
            chain_verifies=not broken and self._included(bytes(own.leaf), seq),
        )

    def _included(self, leaf: bytes, seq: int) -> bool:
        try:
            path = merkle.inclusion_proof(self._node, seq, self._size)
        except IntegrityError:
            return False
        return merkle.verify_inclusion(leaf, seq, self._size, path, self._root)

    def _node(self, level: int, index: int) -> bytes:
        """A node of the tree, read once."""
        if (found := self._nodes.get((level, index))) is None:
            found = self._nodes[level, index] = self._read(level, index)
        return found


def attested(conn: Connection, evidence: Iterable[Attestation], trust: Trust) -> dict[str, Reliability]:
    """Judge manual evidence by what has to be on record with it, by id.

    That its body and its files have the hashes in the ledger was tested when it was read.
    """
    given = list(evidence)
    if not given:
        return {}
    chain, broken = Chain(conn), trust.broken
    return {
        each.id: _attested(each, chain.integrity(each.seq, f"ledger entry {each.seq}", broken=each.seq in broken))
        for each in given
    }


def _attested(each: Attestation, integrity: Integrity) -> Reliability:
    people = People(
        uploader=each.uploaded_by,
        performer=each.performed_by,
        performed_at=each.performed_at,
        file_times={file.name: file.modified for file in each.files},
        reviewer=each.reviewed_by,
        approved_at=each.reviewed_at,
        supersedes=each.supersedes,
        sha256=", ".join(file.sha256 for file in each.files),
    )
    shown = Screenshot(url=each.shows_url, visible_time=each.shows_time, account=each.shows_account)
    return ipe.manual(people, integrity, shown if each.pictured else None)
