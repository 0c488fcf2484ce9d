"""Opens a store by URL: connections, transactions and schema state on SQLite and PostgreSQL.

Three kinds of transaction: `read` sees one unchanging snapshot, `write` holds the ledger and may append,
`operate` writes operational tables only and so never waits for a seal on PostgreSQL.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from storage.errors import (
    SchemaAbsent,
    SchemaNewer,
    SchemaOlder,
    StoreError,
    StoreUnreachable,
    StoreUrlInvalid,
)
from storage.faults import DRIVER_ERRORS, translate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

REVISIONS = ("0001", "0002", "0003")
"""Every schema revision that this release knows, oldest first; the last one is what it needs."""

BUSY_SECONDS = 30
LEDGER_LOCK = 0x50524F4F464B4C47
"""Key of the PostgreSQL advisory lock around `read head, append, commit`; one ledger per database."""
_PAGE_SIZE = 16_384
"""Records of runs fill half of a smaller page and leave a third of it empty: a year is a sixth smaller (measured)."""
_OLDEST_SQLITE = (3, 38)
_OLDEST_POSTGRESQL = (15,)
_SECRET_PARAMETERS = ("password", "passfile", "sslpassword")


class SchemaState(StrEnum):
    """How the tables found relate to this release."""

    ABSENT = "absent"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


class Store:
    """An open database whose schema is the one this release needs."""

    def __init__(self, engine: Engine, url: URL, clock: Callable[[], int] | None) -> None:
        """Wrap an engine made by `open_store`; `clock` tells microseconds since the epoch."""
        self.engine = engine
        self.dialect = engine.dialect.name
        self.where = masked(url)
        """The URL without its password, for messages."""
        self.path = _file(url)
        """The database file, or None in memory and on PostgreSQL."""
        self._clock = clock
        # In memory there is one connection only, so one transaction at a time.
        self._single = threading.RLock() if isinstance(engine.pool, StaticPool) else None

    def now(self) -> int:
        """Microseconds since the epoch by the clock given at opening; StoreError when there is none."""
        if self._clock is None:
            raise StoreError(f"{self.where}: opened without a clock, so only for reading")
        return self._clock()

    def read(self) -> AbstractContextManager[Connection]:
        """Read in one snapshot: nothing that is sealed meanwhile is seen."""
        return self._transaction(
            {"proofkeep_begin": "BEGIN"}
            if self.dialect == "sqlite"
            else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        )

    def operate(self) -> AbstractContextManager[Connection]:
        """Write operational tables: staging, alerts and their outbox, heartbeats."""
        return self._transaction({"proofkeep_begin": "BEGIN IMMEDIATE"})

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Hold the ledger and write; committed when the block ends, undone when it raises."""
        with self.operate() as conn:
            if self.dialect == "postgresql":
                hold_ledger(conn)
            yield conn

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _transaction(self, options: dict[str, object]) -> Iterator[Connection]:
        """Begin, yield, commit; driver errors become the store's own."""
        with (
            self._single or nullcontext(),
            faults_named(self.where),
            self.engine.connect() as bare,
            bare.execution_options(**options) as conn,
            conn.begin(),
        ):
            yield conn


def open_store(url: str, *, create: bool = False, clock: Callable[[], int] | None = None) -> Store:
    """Open the store at `url`; with `create` an absent one is made first.

    `clock` returns microseconds since the epoch and is needed for writing.  Raises SchemaAbsent, SchemaOlder
    or SchemaNewer when the tables do not fit, StoreUnreachable when nobody answers, StoreUrlInvalid.
    """
    parsed = parse_url(url)
    engine = _engine(parsed, create=create)
    try:
        with faults_named(masked(parsed)):
            state = schema_state(engine)
            if state is SchemaState.ABSENT and create:
                _migrate(engine)
                state = SchemaState.CURRENT
        _refuse(state, masked(parsed))
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, parsed, clock)


def upgrade(url: str) -> None:
    """Bring the database to this release's schema, creating it when absent; SchemaNewer when it is ahead."""
    parsed = parse_url(url)
    engine = _engine(parsed, create=True)
    try:
        with faults_named(masked(parsed)):
            state = schema_state(engine)
            if state is SchemaState.NEWER:
                _refuse(state, masked(parsed))
            if state is not SchemaState.CURRENT:
                _migrate(engine)
    finally:
        engine.dispose()


def schema_state(engine: Engine) -> SchemaState:
    """Compare the revision in the database with the ones known here."""
    with engine.connect().execution_options(proofkeep_begin="BEGIN") as conn:
        if not inspect(conn).has_table("alembic_version"):
            return SchemaState.ABSENT
        revision = conn.scalar(text("SELECT version_num FROM alembic_version"))
    if revision is None:
        return SchemaState.ABSENT
    if revision not in REVISIONS:
        return SchemaState.NEWER
    return SchemaState.CURRENT if revision == REVISIONS[-1] else SchemaState.OLDER


def hold_ledger(conn: Connection) -> None:
    """Take the ledger until the end of this PostgreSQL transaction, or fail like a busy SQLite file."""
    conn.execute(text(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'"))
    conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LEDGER_LOCK})


def parse_url(url: str) -> URL:
    """Read a database URL.

    StoreUrlInvalid, which never repeats the URL, for anything but these two databases.
    """
    try:
        parsed = make_url(url)
        dialect = parsed.get_backend_name()
        driver = parsed.get_driver_name()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise StoreUrlInvalid(_URL_FORMS) from error
    if (dialect, driver) not in (("sqlite", "pysqlite"), ("postgresql", "psycopg")):
        raise StoreUrlInvalid(_URL_FORMS)
    return parsed


_URL_FORMS = (
    "the database URL is not understood; write sqlite:///proofkeep.db (or four slashes and an absolute path) "
    "or postgresql://user:password@host:5432/database"
)


def masked(url: URL) -> str:
    """The URL with `***` for every password."""
    hidden = {name: "***" for name in url.query if name in _SECRET_PARAMETERS}
    return url.update_query_dict(hidden).render_as_string(hide_password=True)


@contextmanager
def faults_named(where: str) -> Iterator[None]:
    """Turn driver errors inside the block into the store's own."""
    try:
        yield
    except DRIVER_ERRORS as error:
        named = translate(error, where)
        if named is None:
            raise
        raise named from error


def _file(url: URL) -> Path | None:
    """The SQLite file of a URL."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


def _engine(url: URL, *, create: bool) -> Engine:
    """Make an engine that has not connected yet."""
    if url.get_backend_name() == "postgresql":
        return _postgresql_engine(url)
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old; 3.38 or newer is needed")
    path = _file(url)
    if path is None:
        engine = create_engine(
            url, poolclass=StaticPool, hide_parameters=True, connect_args={"check_same_thread": False}
        )
    else:
        _claim_file(path, masked(url), create=create)
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _claim_file(path: Path, where: str, *, create: bool) -> None:
    """Make the file, private to this user, or refuse an absent one; SQLite would make it silently."""
    if path.exists():
        return
    if not create:
        raise SchemaAbsent(f"{where}: there is no such file; create the store first (proofkeep db upgrade)")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreUnreachable(f"{where}: the file cannot be created ({error.strerror})") from error


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    """Settle durability, checks and waiting for a new SQLite connection.

    Transactions are begun by `_begin`.
    """
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.execute(f"PRAGMA page_size = {_PAGE_SIZE}")  # matters for a new file only
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except UnicodeDecodeError as error:  # SQLite's complaint quotes a damaged schema, and the driver cannot read it
        damaged = sqlite3.DatabaseError("malformed database schema")
        damaged.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damaged from error
    # FULL: losing the last commits at a power cut would look exactly like somebody deleting them.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(conn: Connection) -> None:
    """Begin explicitly, so that a writer takes its lock at the start and not at its first write."""
    conn.exec_driver_sql(conn.get_execution_options().get("proofkeep_begin", "BEGIN"))


def _postgresql_engine(url: URL) -> Engine:
    """Notice a dead server within about half a minute, also on an idle connection."""
    defaults = {
        "connect_timeout": 10,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "application_name": "proofkeep",
    }
    arguments = {name: value for name, value in defaults.items() if name not in url.query}
    try:
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=arguments)
    except ImportError as error:
        raise StoreError("PostgreSQL needs its driver; install it with: pip install 'proofkeep[postgres]'") from error


def _migrate(engine: Engine) -> None:
    """Run the missing revisions in one transaction, one process at a time."""
    from alembic import command  # noqa: PLC0415 - 0.3 s that no other command should pay
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    with engine.connect().execution_options(proofkeep_begin="BEGIN IMMEDIATE") as conn, conn.begin():
        if engine.dialect.name == "postgresql":
            if (conn.dialect.server_version_info or ()) < _OLDEST_POSTGRESQL:
                raise StoreError("this PostgreSQL server is too old; version 15 or newer is needed")
            hold_ledger(conn)
        config.attributes["connection"] = conn
        command.upgrade(config, "head")


def _refuse(state: SchemaState, where: str) -> None:
    """Raise for every state but `current`."""
    if state is SchemaState.ABSENT:
        raise SchemaAbsent(f"{where}: the database holds no store; create it first (proofkeep db upgrade)")
    if state is SchemaState.OLDER:
        raise SchemaOlder(f"{where}: the store was made by an earlier release; upgrade it (proofkeep db upgrade)")
    if state is SchemaState.NEWER:
        raise SchemaNewer(f"{where}: the store was made by a later release; install that release or a newer one")
