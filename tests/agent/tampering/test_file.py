"""Damage to the file of a SQLite store, and files that were put in its place."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from storage.blobs import PATCH, Packed, unpack
from storage.tables import EVIDENCE, anchor, head, map_cache, result_head
from tests.agent.tampering.conftest import Case

COVERED = (*(table for table in EVIDENCE if table is not anchor), head, result_head, map_cache)


def logical(path: Path) -> dict[str, list[Any]] | None:
    """All that the file says: rows, with contents inflated; None when it cannot be read."""
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as conn:
            found = {
                table.name: [tuple(row) for row in conn.execute(select(table).order_by(*table.primary_key.columns))]
                for table in COVERED
            }
            schema = conn.exec_driver_sql("SELECT name, sql FROM sqlite_master ORDER BY name").all()
        return {**found, "schema": list(schema), "blob": inflated(found["blob"])}
    except Exception:  # noqa: BLE001 - whatever a broken file raises, it does not say the same any more
        return None
    finally:
        engine.dispose()


def inflated(blobs: list[Any]) -> list[Any]:
    """Rows of blobs with their contents in place of the bytes that are kept."""
    kept = {row[0]: Packed(row[1], row[2], None, row[4], row[6]) for row in blobs}
    bases = {row[0]: row[3] for row in blobs}

    def content(bid: int) -> bytes:
        return unpack("", kept[bid], content(bases[bid]) if kept[bid].codec == PATCH else None)

    return [(*row[:6], content(row[0])) for row in blobs]


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
def test_20_truncated_file(sqlite_case: Case, evidence_file: Path, part: float) -> None:
    """20: the end of the file is cut off."""
    content = evidence_file.read_bytes()
    evidence_file.write_bytes(content[: int(len(content) * part)])

    verdict = sqlite_case.verify(0)

    assert verdict.findings
    assert verdict.findings[0].where == "database"


@pytest.mark.parametrize("seed", range(60))
def test_21_flipped_bit(sqlite_case: Case, evidence_file: Path, seed: int) -> None:
    """21: one bit of the file is turned over, which is found unless nothing that the file says has changed."""
    before = logical(evidence_file)
    assert before is not None
    content = bytearray(evidence_file.read_bytes())
    place = random.Random(seed).randrange(len(content) * 8)
    content[place // 8] ^= 1 << place % 8
    evidence_file.write_bytes(content)

    found = sqlite_case.verify(0).findings

    assert found or logical(evidence_file) == before


def test_38_lost_write_ahead_log(sqlite_case: Case) -> None:
    """38: the last ten runs were in the write-ahead log, and only the main file is left."""
    assert sqlite_case.ledger.without_wal is not None
    url = sqlite_case.copy(sqlite_case.ledger.without_wal)

    sqlite_case.caught(2, "external checkpoint 4: ledger shorter than external checkpoint", url=url)


def test_rewritten_index(sqlite_case: Case, evidence_file: Path) -> None:
    """An index that tells something else than its table is found."""
    with closing(sqlite3.connect(evidence_file)) as conn:
        conn.execute("PRAGMA writable_schema = ON")
        conn.execute(
            "UPDATE sqlite_master SET sql = 'CREATE INDEX resource_uid_idx ON resource (kind)' "
            "WHERE name = 'resource_uid_idx'"
        )
        conn.commit()

    assert any("integrity check" in one.what for one in sqlite_case.verify(0).findings)


def test_wrong_type_in_a_column(sqlite_case: Case, evidence_file: Path) -> None:
    """A number where bytes belong is a finding of its row and stops nothing."""
    with closing(sqlite3.connect(evidence_file)) as conn:
        conn.execute("PRAGMA writable_schema = ON")
        conn.execute("UPDATE sqlite_master SET sql = replace(sql, 'STRICT', '') WHERE name = 'checkpoint'")
        conn.commit()
    with closing(sqlite3.connect(evidence_file)) as conn:
        conn.execute("DROP TRIGGER checkpoint_no_update")
        conn.execute("UPDATE checkpoint SET created_at = 'yesterday' WHERE size = (SELECT MIN(size) FROM checkpoint)")
        conn.commit()

    found = [f"{one.where}: {one.what}" for one in sqlite_case.verify(0).findings]

    assert any("created_at cannot hold a value of this type" in line for line in found)
    assert any("checkpoint_no_update" in line for line in found)


def test_not_a_database(sqlite_case: Case, evidence_file: Path) -> None:
    """A file that is something else altogether is a finding, not a crash."""
    evidence_file.write_bytes(random.Random(1).randbytes(100_000))

    assert [one.where for one in sqlite_case.verify(0).findings] == ["database"]


def test_copies_of_the_file_verify(sqlite_case: Case, evidence_file: Path, tmp_path: Path) -> None:
    """A genuine copy, made while nobody writes, verifies at every level."""
    copied = shutil.copy(evidence_file, tmp_path / "copy.db")

    assert [sqlite_case.verify(level, f"sqlite:///{copied}").findings for level in range(3)] == [()] * 3
