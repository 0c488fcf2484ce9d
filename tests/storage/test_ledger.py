"""The ledger: one history, provable step by step, and no second one after a restored backup."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select, text

from storage import canon, ledger, merkle, notes
from storage.engine import Store, open_store
from storage.errors import IntegrityError, StoreUnreachable
from storage.notes import Signer, open_key
from storage.seal import append_gap
from storage.tables import anchor, ledger_node
from tests.conftest import JANUARY, Clock
from tests.storage.builders import HOUR, PROD

ORIGIN = "proofkeep.example/prod"


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    """The store's key."""
    return open_key(tmp_path / "key.pem", ORIGIN)


def grow(store: Store, clock: Clock, count: int) -> None:
    """Append some entries."""
    with store.read() as conn:
        size = ledger.size(conn)
    for n in range(size, size + count):
        clock.advance(60)
        append_gap(store, PROD, JANUARY + n * HOUR, "AGENT_DOWN", f"entry {n}")


def tamper(store: Store, statement: str, **values: bytes) -> None:
    """Change evidence as the owner of the tables could."""
    with store.operate() as conn:
        if store.dialect == "sqlite":
            for name in ("ledger_no_update", "ledger_no_delete"):
                conn.execute(text(f"DROP TRIGGER {name}"))
        else:
            conn.execute(text("ALTER TABLE ledger DISABLE TRIGGER ALL"))
        conn.execute(text(statement), values)


def test_roots_and_nodes_equal_a_rebuild(store: Store, clock: Clock) -> None:
    """At every size the root from the kept nodes is the one over the entries; nodes are complete subtrees."""
    grow(store, clock, 21)
    with store.read() as conn:
        edge = merkle.CompactRange()
        nodes: dict[tuple[int, int], bytes] = {}
        for entry in ledger.entries(conn):
            assert entry.leaf == merkle.leaf_hash(entry.entry)
            nodes |= {(level, index): digest for level, index, digest in edge.append(entry.leaf)}
            assert ledger.root(conn, edge.size) == edge.root()
        assert {(row.level, row.idx): row.hash for row in conn.execute(select(ledger_node))} == nodes
        assert ledger.root(conn) == edge.root()
        assert ledger.size(conn) == 21


def test_entries_carry_their_own_columns(store: Store, clock: Clock) -> None:
    """An entry says its position, type, time and slot itself, in canonical form."""
    grow(store, clock, 3)
    with store.read() as conn:
        for entry in ledger.entries(conn, 1, 3):
            said = canon.parse_canonical(entry.entry)
            assert (said["seq"], said["type"], said["recorded_at"], said["slot"]) == (
                entry.seq, entry.type, entry.recorded_at, entry.slot,
            )  # fmt: skip
            assert said["target"] == {"cloud": "aws", "name": "prod", "account": "123456789012"}


def test_proofs_from_the_tables(store: Store, clock: Clock) -> None:
    """Inclusion and consistency proofs read from the tables verify against signed roots."""
    grow(store, clock, 13)
    with store.read() as conn:
        node = ledger.node_reader(conn)
        for entry in ledger.entries(conn):
            path = merkle.inclusion_proof(node, entry.seq, 13)
            assert merkle.verify_inclusion(entry.leaf, entry.seq, 13, path, ledger.root(conn, 13))
        for old in range(1, 14):
            proof = merkle.consistency_proof(node, old, 13)
            assert merkle.verify_consistency(old, 13, ledger.root(conn, old), ledger.root(conn, 13), proof)


def test_checkpoints_are_signed_and_kept(store: Store, clock: Clock, signer: Signer) -> None:
    """A checkpoint signs size and root; asked again without new entries, the kept note comes back."""
    grow(store, clock, 5)
    first = ledger.checkpoint(store, signer, ORIGIN)
    assert ledger.checkpoint(store, signer, ORIGIN) == first
    grow(store, clock, 1)
    second = ledger.checkpoint(store, signer, ORIGIN)

    with store.read() as conn:
        assert ledger.checkpoints(conn) == [first, second]
        assert ledger.newest_checkpoint(conn) == second
        said = notes.verify(second, signer.verifier_key(), ORIGIN)
        assert (said.size, said.root) == (6, ledger.root(conn))


def test_no_checkpoint_over_a_changed_history(store: Store, clock: Clock, signer: Signer) -> None:
    """After an entry was changed behind the guards, nothing more is signed."""
    grow(store, clock, 4)
    ledger.checkpoint(store, signer, ORIGIN)
    tamper(store, "UPDATE ledger SET leaf = :leaf WHERE seq = 3", leaf=merkle.leaf_hash(b"another"))
    with store.operate() as conn:
        if store.dialect == "sqlite":
            conn.execute(text("DROP TRIGGER ledger_node_no_delete"))
        else:
            conn.execute(text("ALTER TABLE ledger_node DISABLE TRIGGER ALL"))
        conn.execute(text("DELETE FROM ledger_node"))
    with pytest.raises(IntegrityError, match="hash of node 2/0 is missing"):
        ledger.checkpoint(store, signer, ORIGIN)


def test_anchor_files(store: Store, clock: Clock, signer: Signer, tmp_path: Path) -> None:
    """An anchor is a file with the note, named by size, and is recorded once."""
    grow(store, clock, 3)
    note = ledger.checkpoint(store, signer, ORIGIN)
    folder = tmp_path / "anchors"
    path = ledger.anchor_file(store, note, folder)
    ledger.anchor_file(store, note, folder)

    assert path.name == "checkpoint-000000000003.note"
    assert path.read_text(encoding="utf-8") == note
    assert [found.name for found in folder.iterdir()] == [path.name]
    with store.read() as conn:
        assert [(row.size, row.kind, row.place) for row in conn.execute(select(anchor))] == [(3, "file", str(path))]
    grow(store, clock, 9)
    newest = ledger.anchor_file(store, ledger.checkpoint(store, signer, ORIGIN), folder)
    assert ledger.newest_anchor(folder) == newest
    assert ledger.newest_anchor(tmp_path / "nowhere") is None


def test_anchor_folder_that_cannot_be_written(store: Store, clock: Clock, signer: Signer, tmp_path: Path) -> None:
    """A folder that is a file is named, and no anchor is recorded."""
    grow(store, clock, 1)
    note = ledger.checkpoint(store, signer, ORIGIN)
    (tmp_path / "anchors").touch()
    with pytest.raises(StoreUnreachable, match="anchor cannot be written"):
        ledger.anchor_file(store, note, tmp_path / "anchors")
    with store.read() as conn:
        assert conn.execute(select(anchor)).all() == []


def test_ledger_older_than_its_anchor_is_refused(store: Store, clock: Clock, signer: Signer, tmp_path: Path) -> None:
    """A ledger that is shorter than the newest note outside is refused, naming both sizes."""
    grow(store, clock, 6)
    folder = tmp_path / "anchors"
    ledger.anchor_file(store, ledger.checkpoint(store, signer, ORIGIN), folder)
    with store.read() as conn:
        ledger.refuse_if_rolled_back(conn, folder, signer.verifier_key())
        ledger.refuse_if_rolled_back(conn, tmp_path / "none")
    tamper(store, "DELETE FROM ledger WHERE seq >= 4")
    with store.read() as conn, pytest.raises(IntegrityError, match=r"has 4 entries, but .*note speaks of 6"):
        ledger.refuse_if_rolled_back(conn, folder)


def test_other_history_than_its_anchor_is_refused(store: Store, clock: Clock, signer: Signer, tmp_path: Path) -> None:
    """A ledger of the right length with another root is refused, naming both sizes."""
    grow(store, clock, 5)
    folder = tmp_path / "anchors"
    ledger.anchor_file(store, ledger.checkpoint(store, signer, ORIGIN), folder)
    grow(store, clock, 1)
    tamper(store, "UPDATE ledger SET leaf = :leaf WHERE seq = 4", leaf=b"\xab" * 32)
    with store.read() as conn, pytest.raises(IntegrityError, match="has 6 entries and the first 5 differ"):
        ledger.refuse_if_rolled_back(conn, folder)


def test_anchor_that_is_no_note_is_refused(store: Store, clock: Clock, signer: Signer, tmp_path: Path) -> None:
    """An anchor file that was changed, or signed by another key, stops the agent too."""
    grow(store, clock, 2)
    folder = tmp_path / "anchors"
    path = ledger.anchor_file(store, ledger.checkpoint(store, signer, ORIGIN), folder)
    (tmp_path / "other").mkdir()
    other = open_key(tmp_path / "other" / "key.pem", ORIGIN)
    with store.read() as conn:
        with pytest.raises(IntegrityError, match="cannot be trusted"):
            ledger.refuse_if_rolled_back(conn, folder, other.verifier_key())
        path.write_text("not a note", encoding="utf-8")
        with pytest.raises(IntegrityError, match="cannot be trusted"):
            ledger.refuse_if_rolled_back(conn, folder)


def test_restored_backup_is_refused(sqlite_template: Path, tmp_path: Path, clock: Clock, signer: Signer) -> None:
    """A genuine older copy of the database file is refused beside the newer anchor."""
    live, backup, folder = tmp_path / "live.db", tmp_path / "backup.db", tmp_path / "anchors"
    shutil.copy(sqlite_template, live)
    with open_store(f"sqlite:///{live}", clock=clock) as store:
        grow(store, clock, 3)
        ledger.anchor_file(store, ledger.checkpoint(store, signer, ORIGIN), folder)
        with store.engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(live, backup)
        grow(store, clock, 2)
        ledger.anchor_file(store, ledger.checkpoint(store, signer, ORIGIN), folder)
    with (
        open_store(f"sqlite:///{backup}") as restored,
        restored.read() as conn,
        pytest.raises(IntegrityError, match=r"has 3 entries, but .* speaks of 5"),
    ):
        ledger.refuse_if_rolled_back(conn, folder)
