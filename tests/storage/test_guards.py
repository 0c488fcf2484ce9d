"""Append-only guards: every evidence table refuses every way to change it, and says when a guard is gone."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Table, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from storage import guards, ledger
from storage.engine import Store
from storage.errors import AppendOnlyViolation
from storage.notes import open_key
from storage.rows import Key, Outcome
from storage.tables import EVIDENCE
from tests.conftest import JANUARY, Clock
from tests.storage.builders import GAP, bucket, document, run

TABLES = {table.name: table for table in EVIDENCE}
ATTACKS = {
    "update": "UPDATE {table} SET {column} = {column}",
    "delete": "DELETE FROM {table}",
    "replace": "INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1",
    "update-or-replace": "UPDATE OR REPLACE {table} SET {column} = {column}",
    "truncate": "TRUNCATE {table} CASCADE",
    "upsert": (
        "INSERT INTO {table} SELECT * FROM {table} WHERE true "
        "ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}"
    ),
}
ONLY = {"replace": "sqlite", "update-or-replace": "sqlite", "truncate": "postgresql"}


def attack_on(table: Table, attack: str) -> str:
    """The statement of one attack on one table."""
    key = ", ".join(column.name for column in table.primary_key.columns)
    return ATTACKS[attack].format(table=table.name, column=list(table.columns)[-1].name, key=key)


@pytest.fixture
def filled(store: Store, clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with at least one row in every evidence table."""
    run(
        store,
        clock,
        JANUARY,
        documents={bucket("a"): document("a")},
        verdicts={("encryption.at_rest", Key("object_store", "a")): (Outcome.FAIL, "off")},
        gaps=[GAP],
    )
    note = ledger.checkpoint(store, open_key(tmp_path_factory.mktemp("key") / "key.pem", "log"), "log")
    ledger.anchor_file(store, note, tmp_path_factory.mktemp("anchors"))
    return store


@pytest.mark.parametrize("name", TABLES)
def test_evidence_cannot_be_changed(filled: Store, name: str) -> None:
    """Each forbidden statement on each evidence table is refused by name and changes no row."""
    table = TABLES[name]
    with filled.read() as conn:
        before = conn.execute(select(table)).all()
    assert before

    attacks = [attack for attack in ATTACKS if ONLY.get(attack, filled.dialect) == filled.dialect]
    assert len(attacks) >= 4
    for attack in attacks:
        refusal = f"{name} is append-only" + ("|ledger seq must be dense" if name == "ledger" else "")
        with pytest.raises(AppendOnlyViolation, match=refusal), filled.operate() as conn:
            conn.execute(text(attack_on(table, attack)))
        with filled.read() as conn:
            assert conn.execute(select(table)).all() == before


ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@ON_SQLITE
def test_a_second_run_of_a_slot_cannot_replace_the_first(filled: Store) -> None:
    """On SQLite, replacing over the unique index on the slot, or over any unique key, is refused too."""
    with pytest.raises(AppendOnlyViolation), filled.operate() as conn:
        conn.execute(
            text(
                "INSERT OR REPLACE INTO ledger SELECT 2, type, target_id, slot, NULL, recorded_at, entry, leaf "
                "FROM ledger WHERE type = 'run'"
            )
        )
    with pytest.raises(AppendOnlyViolation), filled.operate() as conn:
        conn.execute(
            text(
                "INSERT OR REPLACE INTO blob SELECT bid + 1000, sha256, codec, base_bid, raw_len, media, data FROM blob"
            )
        )


def test_ledger_positions_are_dense(store: Store) -> None:
    """An entry that leaves a hole in the ledger is refused."""
    table = TABLES["ledger"]
    row = {"seq": 1, "type": "gap", "recorded_at": 0, "entry": b"{}", "leaf": bytes(32)}
    with pytest.raises(AppendOnlyViolation, match="ledger seq must be dense"), store.operate() as conn:
        conn.execute(insert(table), row)
    with store.operate() as conn:
        conn.execute(insert(table), {**row, "seq": 0})


def test_guards_are_found_whole(store: Store) -> None:
    """A fresh store has every guard exactly as expected."""
    with store.read() as conn:
        assert guards.altered(conn) == []
        assert len(guards.expected(store.dialect)) >= 2 * len(EVIDENCE)


def _drop(conn: Connection, name: str) -> None:
    """Remove a guard of `version` as the owner of the tables could."""
    on = "" if conn.dialect.name == "sqlite" else " ON version"
    conn.execute(text(f"DROP TRIGGER {name}{on}"))


def test_missing_and_rewritten_guards_are_named(store: Store) -> None:
    """A dropped guard, and one that was put back with another body, are named."""
    victim = "version_no_delete" if store.dialect == "sqlite" else "version_no_truncate"
    with store.operate() as conn:
        _drop(conn, victim)
    with store.read() as conn:
        assert guards.altered(conn) == [victim]

    forged = (
        guards.expected(store.dialect)[victim]
        .replace("version is append-only", "please")
        .replace("BEFORE TRUNCATE", "AFTER TRUNCATE")
    )
    with store.operate() as conn:
        conn.execute(text(forged))
    with store.read() as conn:
        assert guards.altered(conn) == [victim]


@ON_POSTGRESQL
def test_disabled_guards_are_named(store: Store) -> None:
    """On PostgreSQL a guard that is switched off, or a guard function without teeth, is named."""
    with store.operate() as conn:
        conn.execute(text("ALTER TABLE version DISABLE TRIGGER version_append_only"))
        conn.execute(
            text(
                "CREATE OR REPLACE FUNCTION ledger_dense() RETURNS trigger LANGUAGE plpgsql AS "
                "$$BEGIN RETURN NEW; END$$"
            )
        )
    with store.read() as conn:
        assert guards.altered(conn) == ["version_append_only", "ledger_dense()"]


@ON_POSTGRESQL
def test_replication_mode_does_not_switch_guards_off(filled: Store) -> None:
    """On PostgreSQL the guards also fire in sessions that act as a replica."""
    with filled.operate() as conn:
        conn.execute(text("SET LOCAL session_replication_role = replica"))
        with pytest.raises(IntegrityError, match="append-only"), conn.begin_nested():
            conn.execute(text("DELETE FROM version"))


def test_operational_tables_stay_free(filled: Store) -> None:
    """Caches and queues can be changed and emptied."""
    with filled.operate() as conn:
        for name in ("head", "result_head", "map_cache", "outbox", "staging"):
            table = TABLES["target"].metadata.tables[name]
            column = list(table.columns)[-1]
            conn.execute(update(table).values({column.name: column}))
            conn.execute(table.delete())
            assert conn.scalar(select(func.count()).select_from(table)) == 0
