"""Opening a store: schema states, transactions, faults of disk and server, and no secret in any message."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import stat
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, create_engine, event, inspect, make_url, select, text

from storage import engine as engine_module
from storage import guards, schema, views
from storage.engine import REVISIONS, SchemaState, Store, open_store, schema_state, upgrade
from storage.errors import (
    IntegrityError,
    SchemaAbsent,
    SchemaNewer,
    SchemaOlder,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreReadOnly,
    StoreUnreachable,
    StoreUrlInvalid,
)
from storage.rows import Alerts, Message
from storage.tables import EVIDENCE, blob, metadata, staging
from tests.conftest import JANUARY, Clock
from tests.storage.builders import bucket, document, run

ROOT = Path(__file__).parents[2]


def stamp(url: str, revision: str) -> None:
    """Pretend that another release made the tables."""
    engine = create_engine(url)
    with engine.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    engine.dispose()


def test_absent_schema_is_created_on_request(empty_database_url: str) -> None:
    """An empty database is refused by name and made into a store with `create`, twice without harm."""
    with pytest.raises(SchemaAbsent, match="proofkeep db upgrade"):
        open_store(empty_database_url)
    with open_store(empty_database_url, create=True) as store:
        assert schema_state(store.engine) is SchemaState.CURRENT
    upgrade(empty_database_url)
    with open_store(empty_database_url, create=True) as store, store.read() as conn:
        assert guards.altered(conn) == []


def test_schema_of_another_release_is_refused(database_url: str) -> None:
    """A later schema is refused, also by the upgrade; an earlier one asks for the upgrade."""
    stamp(database_url, "9999")
    with pytest.raises(SchemaNewer, match="a later release"):
        open_store(database_url)
    with pytest.raises(SchemaNewer):
        upgrade(database_url)
    stamp(database_url, "0001")
    with pytest.raises(SchemaOlder, match="proofkeep db upgrade"):
        open_store(database_url, create=True)


def test_known_revisions_are_the_shipped_ones() -> None:
    """The constant list of revisions names exactly the migrations in the package, in order."""
    scripts = ScriptDirectory(str(ROOT / "storage" / "migrations"))
    assert [script.revision for script in scripts.walk_revisions()][::-1] == list(REVISIONS)


@pytest.mark.parametrize(
    ("database_url", "empty_database_url"),
    [("sqlite", "sqlite"), ("postgresql", "postgresql")],
    indirect=True,
)
def test_migrations_give_the_declared_schema(database_url: str, empty_database_url: str) -> None:
    """Running all migrations gives the same tables, indexes, views and guards as the declarations do."""
    declared = create_engine(empty_database_url)
    with declared.begin() as conn:
        for statement in schema.ddl(conn.dialect.name):
            conn.exec_driver_sql(statement)
    migrated = create_engine(database_url)
    with migrated.connect() as one, declared.connect() as other:
        assert [
            diff for diff in compare_metadata(MigrationContext.configure(one), metadata) if "alembic" not in str(diff)
        ] == []
        assert _catalog(one) == _catalog(other)
    migrated.dispose()
    declared.dispose()


def _catalog(conn: Connection) -> dict[str, object]:
    """Everything a database says about its own schema, but for Alembic's table."""
    look = inspect(conn)
    names = [name for name in look.get_table_names() if name != "alembic_version"]
    return {
        "tables": {
            name: (
                [(c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(name)],
                look.get_pk_constraint(name),
                [
                    {**index, "dialect_options": str(index["dialect_options"].keys())}
                    for index in look.get_indexes(name)
                ],
                look.get_unique_constraints(name),
                look.get_check_constraints(name),
                look.get_foreign_keys(name),
            )
            for name in sorted(names)
        },
        "views": {name: look.get_view_definition(name) for name in views.NAMES},
        "guards": guards.altered(conn),
    }


def test_sqlite_is_set_up_for_durability(tmp_path: Path) -> None:
    """A new SQLite store is in WAL mode with full synchronisation, checked foreign keys and a private file."""
    path = tmp_path / "evidence.db"
    with open_store(f"sqlite:///{path}", create=True) as store, store.read() as conn:
        pragmas = {
            name: conn.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "page_size", "busy_timeout")
        }
    assert pragmas == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "page_size": 16384, "busy_timeout": 30000,
    }  # fmt: skip
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_absent_file_is_not_made_by_reading(tmp_path: Path) -> None:
    """Opening an absent SQLite file names it and leaves no empty file behind."""
    path = tmp_path / "nowhere.db"
    with pytest.raises(SchemaAbsent, match=r"nowhere\.db"):
        open_store(f"sqlite:///{path}")
    assert not path.exists()
    with pytest.raises(StoreUnreachable, match="cannot be created"):
        open_store(f"sqlite:///{tmp_path}/no/folder/x.db", create=True)


def test_store_in_memory(clock: Clock) -> None:
    """A store in memory works like any other for one process."""
    with open_store("sqlite://", create=True, clock=clock) as store:
        run(store, clock, JANUARY, documents={bucket("a"): document("a")})
        with store.read() as conn:
            assert conn.scalar(select(blob.c.raw_len).limit(1))


@pytest.mark.parametrize(
    "url",
    ["mysql://root:hunter2@host/db", "hunter2", "postgresql+psycopg2://u:hunter2@h/d", "sqlite+x:///hunter2"],
)
def test_foreign_urls_are_refused_without_repeating_them(url: str) -> None:
    """A URL of another kind is refused with the two right forms, and its password is not repeated."""
    with pytest.raises(StoreUrlInvalid, match="sqlite:///") as refused:
        open_store(url)
    assert "hunter2" not in str(refused.value)


def test_masked_urls(tmp_path: Path) -> None:
    """No password shows in the name of a store, wherever the URL holds it."""
    url = make_url("postgresql://agent:hunter2@db/evidence?sslpassword=hunter3&sslmode=require")
    assert engine_module.masked(url) == "postgresql://agent:***@db/evidence?sslmode=require&sslpassword=%2A%2A%2A"
    with open_store(f"sqlite:///{tmp_path}/x.db", create=True) as store:
        assert store.where == f"sqlite:///{tmp_path}/x.db"


def test_reader_sees_one_snapshot(store: Store, clock: Clock) -> None:
    """What is sealed while a reader reads does not appear to that reader."""
    with store.read() as conn:
        assert conn.scalar(select(blob.c.bid).limit(1)) is None
        run(store, clock, JANUARY, documents={bucket("a"): document("a")})
        assert conn.scalar(select(blob.c.bid).limit(1)) is None
    with store.read() as conn:
        assert conn.scalar(select(blob.c.bid).limit(1)) is not None


def test_writing_needs_a_clock(database_url: str, clock: Clock) -> None:
    """A store opened without a clock reads, but appends nothing."""
    with open_store(database_url) as store, pytest.raises(StoreError, match="without a clock"):
        run(store, clock, JANUARY)


def test_locked_database_is_named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that waits longer than the busy timeout for another one gets StoreLocked."""
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 1)
    url = make_url(str(store.engine.url.render_as_string(hide_password=False)))
    with (
        store.write(),
        open_store(url.render_as_string(hide_password=False)) as other,
        pytest.raises(StoreLocked, match="another process holds"),
        other.write(),
    ):
        pytest.fail("two writers at once")


def test_full_database_keeps_nothing_of_the_run(tmp_path: Path, clock: Clock) -> None:
    """When SQLite runs out of pages in the middle of a seal, the error says so and nothing of the run is kept."""
    with open_store(f"sqlite:///{tmp_path}/x.db", create=True, clock=clock) as store:
        with store.engine.connect() as conn:
            pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        store.engine.dispose()

        def limit(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute(f"PRAGMA max_page_count = {pages + 40}")

        event.listen(store.engine, "connect", limit)
        many = {bucket(f"b{n}"): document(f"b{n}", Noise=f"{n:0400}") for n in range(2000)}
        with pytest.raises(StoreFull, match="full"):
            run(store, clock, JANUARY, documents=many)
        with store.read() as conn:
            assert conn.scalar(select(blob.c.bid).limit(1)) is None


def test_damaged_file_is_an_integrity_error(tmp_path: Path) -> None:
    """A file that is not a SQLite database any more stops everything with IntegrityError."""
    path = tmp_path / "x.db"
    path.write_bytes(b"this was a database once" * 1000)
    with pytest.raises(IntegrityError, match="not a SQLite database"):
        open_store(f"sqlite:///{path}")


def test_read_only_file_is_named(sqlite_template: Path, tmp_path: Path) -> None:
    """Writing to a read-only SQLite connection says that the file is read-only."""
    shutil.copy(sqlite_template, tmp_path / "x.db")
    with open_store(f"sqlite:///{tmp_path}/x.db") as store:
        with store.engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA query_only = ON")
        with pytest.raises(StoreReadOnly), store.operate() as conn:
            conn.execute(staging.insert(), {"run_id": "r", "task": "t", "page": 0, "payload": b""})


def test_refused_connection_is_named() -> None:
    """A server that does not listen is named without the password."""
    with pytest.raises(StoreUnreachable, match="no answer from the server") as refused:
        open_store("postgresql://agent:hunter2@127.0.0.1:1/evidence")
    assert "hunter2" not in str(refused.value)


def test_missing_database_is_named(postgres_server: URL) -> None:
    """A database that does not exist on the server is named as such."""
    url = postgres_server.set(database="no_such_database")
    with pytest.raises(StoreUnreachable, match="does not exist; create it first"):
        open_store(url.render_as_string(hide_password=False))


@contextmanager
def refusing_server(code: str, said: str) -> Iterator[str]:
    """URL of a server that speaks just enough of PostgreSQL's protocol to refuse every session."""
    fields = b"".join(tag + value.encode() + b"\0" for tag, value in ((b"S", "FATAL"), (b"C", code), (b"M", said)))
    refusal = b"E" + struct.pack("!I", len(fields) + 5) + fields + b"\0"
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(refusal)

        thread = threading.Thread(target=serve)
        thread.start()
        port = listener.getsockname()[1]
        yield f"postgresql://agent:hunter2@127.0.0.1:{port}/evidence?sslmode=disable&gssencmode=disable"
        thread.join(timeout=10)


@pytest.mark.parametrize(
    ("code", "said", "expected"),
    [
        ("28P01", 'password authentication failed for user "agent"', "refused the user name or the password"),
        ("28000", 'no pg_hba.conf entry for host "10.0.0.1", user "agent"', "does not let this user in"),
        ("53300", "sorry, too many clients already", "no connection left"),
        ("57P03", "the database system is starting up", "not ready yet"),
        ("57P03", "the database system is shutting down", "shutting down"),
        ("3D000", 'database "evidence" does not exist', "create it first"),
    ],
)
def test_refusals_while_connecting(code: str, said: str, expected: str) -> None:
    """Each way in which a server refuses a session has its own line, and none repeats the password."""
    with refusing_server(code, said) as url, pytest.raises(StoreUnreachable, match=expected) as refused:
        open_store(url)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_session_ended_by_the_server(store: Store, clock: Clock) -> None:
    """A session that the server ends in the middle of a transaction is named, and the next one works."""
    ended = pytest.raises(StoreUnreachable, match=r"shutting down|no answer")
    with ended, store.operate() as conn:
        mine = conn.scalar(text("SELECT pg_backend_pid()"))
        with store.operate() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": mine})
        conn.execute(text("SELECT 1"))
    assert run(store, clock, JANUARY) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_application_role_owns_nothing(database_url: str, clock: Clock) -> None:
    """A role with only its grants seals runs; it, and still less who verifies, cannot change or drop evidence."""
    url = make_url(database_url)
    app, reader = f"app_{url.database}", f"verifier_{url.database}"
    owner = create_engine(url)
    with owner.begin() as conn:
        for role in (app, reader):
            conn.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD 'secret'"))
        for statement in schema.grants(app, verifier=reader):
            conn.execute(text(statement))
    as_app = url.set(username=app, password="secret").render_as_string(hide_password=False)
    as_reader = url.set(username=reader, password="secret").render_as_string(hide_password=False)
    try:
        with open_store(as_app, clock=clock) as store:
            run(
                store,
                clock,
                JANUARY,
                documents={bucket("a"): document("a")},
                alerts=Alerts({"c": b"{}"}, [Message("k", "mail", b"v")]),
            )
            for statement in ("ALTER TABLE version DISABLE TRIGGER ALL", "DROP TABLE version", "TRUNCATE version",
                              "DELETE FROM version", "UPDATE version SET bid = NULL"):  # fmt: skip
                with pytest.raises(StoreReadOnly, match="may not do this"), store.operate() as conn:
                    conn.execute(text(statement))
        with open_store(as_reader, clock=clock) as store:
            with store.read() as conn:
                for table in EVIDENCE:
                    conn.execute(select(table).limit(1)).all()
                for view in views.NAMES:
                    conn.execute(select(text("*")).select_from(text(view))).all()
            with pytest.raises(StoreReadOnly), store.operate() as conn:
                conn.execute(staging.insert(), {"run_id": "r", "task": "t", "page": 0, "payload": b""})
            with pytest.raises(StoreReadOnly), store.read() as conn:
                conn.execute(select(staging))
    finally:
        with owner.begin() as conn:
            conn.execute(text(f"DROP OWNED BY {app}, {reader}"))
            conn.execute(text(f"DROP ROLE {app}, {reader}"))
        owner.dispose()


def test_two_processes_create_one_store(empty_database_url: str) -> None:
    """Two processes that create the same store at the same moment both end up with it."""
    code = "import sys; from storage.engine import open_store; open_store(sys.argv[1], create=True).close()"
    started = [
        subprocess.Popen([sys.executable, "-c", code, empty_database_url], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    outcomes = [(process.communicate(timeout=60)[1], process.returncode) for process in started]
    assert outcomes == [("", 0)] * 3
    with open_store(empty_database_url) as store, store.read() as conn:
        assert guards.altered(conn) == []
