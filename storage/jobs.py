"""The job queue of a PostgreSQL store, by which worker processes take parts of a run: procrastinate's tables.

They have a PostgreSQL schema of their own, hold nothing but work under way, and can be lost without losing evidence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from storage import staging
from storage.engine import Store
from storage.errors import StoreError, StoreReadOnly
from storage.faults import translate

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.jobs import Job

SCHEMA = "procrastinate"
TASK = "fetch"
"""Name of the task that reads one part of a run."""
_LOCK = 0x50524F4F464B4A51
"""Key of the advisory lock under which the tables are made."""
_MADE = "proofkeep job queue "
"""How the schema's comment begins; the digest of the SQL that made it follows."""
_CONNECTION = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "application_name": "proofkeep jobs",
}


@dataclass(frozen=True, slots=True)
class Work:
    """One job to put into the queue."""

    queue: str
    """At most 40 letters: PostgreSQL cuts the names of its channels."""
    key: str
    """No two jobs with the same key wait at the same time."""
    said: Mapping[str, Any]
    """Arguments of the task, as JSON has them."""


def is_installed() -> bool:
    """Whether the library of the queue is there; it comes with `proofkeep[postgres]`."""
    return find_spec("procrastinate") is not None


def prepare(store: Store, *, renew: bool = False) -> None:
    """Make the tables of the queue where they are absent.

    With `renew`, tables that another release of the library made are dropped, with the jobs in them, and made anew;
    no worker may run meanwhile.  StoreReadOnly when this role may not, StoreError when the tables do not fit.
    """
    from procrastinate.schema import SchemaManager  # noqa: PLC0415  # 0.3 s that only workers should pay

    statements = SchemaManager.get_schema()
    wanted = _MADE + hashlib.sha256(statements.encode()).hexdigest()[:16]
    with store.operate() as conn:
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        found = conn.execute(
            text(
                "SELECT obj_description(oid, 'pg_namespace') AS made, has_schema_privilege(oid, 'USAGE') AS ours "
                "FROM pg_namespace WHERE nspname = :name"
            ),
            {"name": SCHEMA},
        ).first()
        if found is not None and found.made == wanted:
            if not found.ours:
                raise StoreReadOnly(
                    f"{store.where}: this role may not use the job queue; grant it (proofkeep db grants)"
                )
            return
        if found is not None:
            if not (found.made or "").startswith(_MADE):
                raise StoreError(f"{store.where}: the schema {SCHEMA!r} there is not ours; use another database")
            if not renew:
                raise StoreError(
                    f"{store.where}: the job queue was made by another release of procrastinate; "
                    "stop the workers and run `proofkeep db upgrade` as the owner"
                )
            conn.execute(text(f"DROP SCHEMA {SCHEMA} CASCADE"))
        _make(conn, store.where, wanted, statements)


def _make(conn: Connection, where: str, comment: str, statements: str) -> None:
    may = "SELECT has_database_privilege(current_database(), 'CREATE')"
    if not conn.scalar(text(may)):
        raise StoreReadOnly(
            f"{where}: the job queue has no tables yet and this role may not make them; "
            "run `proofkeep db upgrade` as the owner"
        )
    conn.execute(text(f"CREATE SCHEMA {SCHEMA}"))
    conn.execute(text(f"COMMENT ON SCHEMA {SCHEMA} IS '{comment}'"))
    _look_there(conn)
    conn.execution_options(no_parameters=True).exec_driver_sql(statements)


def grants(role: str) -> str:
    """The statement that lets a role, quoted already, use the queue, where the database has one."""
    return (
        f"DO $grants$ BEGIN IF to_regnamespace('{SCHEMA}') IS NOT NULL THEN "
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO {role}; "
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {SCHEMA} TO {role}; "
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {SCHEMA} TO {role}; "
        f"END IF; END $grants$"
    )


def defer(store: Store, run_id: str, works: Sequence[Work], *, more: bool = False) -> list[int]:
    """Open the run to workers and put jobs of it into the queue, all or nothing; return their numbers.

    With `more` the run is open already.  StoreError.
    """
    from procrastinate.jobs import Job  # noqa: PLC0415

    jobs = [
        Job(queue=work.queue, lock=None, queueing_lock=work.key, task_name=TASK, task_kwargs=dict(work.said))
        for work in works
    ]
    with _queue(store) as (app, conn):
        if not more:
            staging.open_gate(conn, run_id)
        _look_there(conn)
        kept: list[Job] = app.job_manager.batch_defer_jobs(jobs, connection=conn.connection.driver_connection)
        return [job.id for job in kept if job.id is not None]


def withdraw(store: Store, ids: Iterable[int]) -> None:
    """Take jobs that nobody has begun out of the queue.  StoreError."""
    with _queue(store) as (app, conn):
        _look_there(conn)
        for number in ids:
            app.job_manager.cancel_job_by_id(number, delete_job=True, connection=conn.connection.driver_connection)


def server_time(conn: Connection) -> int:
    """The time by the database's clock, on which all processes agree, in microseconds since the epoch."""
    now: int = conn.execute(text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")).scalar_one()
    return now


def worker_app(store: Store) -> App:
    """The library's application for a worker process, with connections of its own; not open yet."""
    from procrastinate import App, PsycopgConnector  # noqa: PLC0415

    _, found = store.engine.dialect.create_connect_args(store.engine.url)
    options = f"{found.pop('options', '')} -c search_path={SCHEMA}".strip()
    arguments = {**_CONNECTION, **found, "options": options}
    return App(connector=PsycopgConnector(kwargs=arguments, min_size=1, max_size=4, timeout=3.0))


@contextmanager
def _queue(store: Store) -> Iterator[tuple[App, Connection]]:
    """The library on a connection of ours, in one transaction; its errors become the store's own."""
    from procrastinate import App, SyncPsycopgConnector  # noqa: PLC0415
    from procrastinate.exceptions import ConnectorException  # noqa: PLC0415

    try:
        with store.operate() as conn:
            yield App(connector=SyncPsycopgConnector()), conn
    except ConnectorException as error:
        cause = error.__cause__
        named = translate(cause, store.where) if isinstance(cause, Exception) else None
        if named is None:
            raise
        raise named from error


def _look_there(conn: Connection) -> None:
    """Until the end of the transaction unqualified names mean tables of the queue."""
    conn.execute(text(f"SET LOCAL search_path = {SCHEMA}"))
