"""The job queue in the database: made once, apart from the evidence, usable by the agent's role."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, make_url, text

from storage import guards, jobs, schema, staging
from storage.engine import Store, open_store
from storage.errors import RunUnknown, StoreError, StoreReadOnly

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
WORKS = [jobs.Work("fetch-a", f"run-1:east/{name}", {"part": name, "regions": ("east", "west")}) for name in "ab"]


def waiting(store: Store) -> list[dict[str, object]]:
    """Arguments of every job that waits."""
    with store.read() as conn:
        query = "SELECT args FROM procrastinate.procrastinate_jobs WHERE status = 'todo' ORDER BY id"
        return list(conn.scalars(text(query)))


def test_queue_is_made_once_and_out_of_the_way(store: Store) -> None:
    """A second time changes nothing, and the guards of the evidence are as they were."""
    jobs.prepare(store)
    jobs.defer(store, "run-1", WORKS)
    jobs.prepare(store)

    assert len(waiting(store)) == 2
    with store.read() as conn:
        assert guards.altered(conn) == []
        assert conn.scalar(text("SELECT to_regclass('procrastinate_jobs')")) is None


def test_jobs_and_gate_come_together(store: Store) -> None:
    """The arguments arrive as JSON, and the run is open to workers; the same run cannot be put in twice."""
    jobs.prepare(store)
    ids = jobs.defer(store, "run-1", WORKS)

    assert waiting(store) == [{"part": name, "regions": ["east", "west"]} for name in "ab"]
    assert len(set(ids)) == 2
    staging.contribute(store, "run-1", ())
    with pytest.raises(RunUnknown):
        staging.contribute(store, "run-2", ())


def test_jobs_that_nobody_began_are_withdrawn(store: Store) -> None:
    """One that a worker has is left to it; an unknown number is no error."""
    jobs.prepare(store)
    ids = jobs.defer(store, "run-1", WORKS)
    with store.operate() as conn:
        conn.execute(text("SET LOCAL search_path = procrastinate"))
        conn.execute(text("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = :id"), {"id": ids[0]})
    jobs.withdraw(store, [*ids, 10**6])

    with store.read() as conn:
        assert list(conn.scalars(text("SELECT id FROM procrastinate.procrastinate_jobs"))) == ids[:1]


def test_schema_of_somebody_else_is_left_alone(store: Store) -> None:
    """Whoever else keeps procrastinate's tables here keeps them, even when an upgrade may renew ours."""
    with store.operate() as conn:
        conn.execute(text("CREATE SCHEMA procrastinate"))
    for renew in (False, True):
        with pytest.raises(StoreError, match="not ours"):
            jobs.prepare(store, renew=renew)


def test_queue_of_another_release_is_renewed_by_an_upgrade_only(store: Store) -> None:
    """Whoever only works is told what to do; the upgrade makes the tables anew."""
    jobs.prepare(store)
    jobs.defer(store, "run-1", WORKS)
    with store.operate() as conn:
        conn.execute(text("COMMENT ON SCHEMA procrastinate IS 'proofkeep job queue 0123'"))
    with pytest.raises(StoreError, match="db upgrade"):
        jobs.prepare(store)
    jobs.prepare(store, renew=True)

    assert waiting(store) == []
    jobs.prepare(store)


def test_role_of_the_agent_uses_the_queue_and_cannot_make_it(store: Store, clock: Callable[[], int]) -> None:
    """Without the owner's upgrade, and without the grants, one line says what is missing; with them jobs go in."""
    url = store.engine.url
    role = f"app_{url.database}"
    owner = create_engine(url)
    as_app = make_url(url).set(username=role, password="secret").render_as_string(hide_password=False)
    with owner.begin() as conn:
        conn.exec_driver_sql(f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")

    def grant() -> None:
        with owner.begin() as conn:
            for statement in schema.grants(role):
                conn.exec_driver_sql(statement)

    try:
        grant()
        with open_store(as_app, clock=clock) as poor:
            with pytest.raises(StoreReadOnly, match="db upgrade"):
                jobs.prepare(poor)
            jobs.prepare(store)
            with pytest.raises(StoreReadOnly, match="db grants"):
                jobs.prepare(poor)
            grant()
            jobs.prepare(poor)
            jobs.withdraw(poor, jobs.defer(poor, "run-1", WORKS))
        assert waiting(store) == []
    finally:
        with owner.begin() as conn:
            conn.exec_driver_sql(f"DROP OWNED BY {role}; DROP ROLE {role}")
        owner.dispose()


def test_server_tells_the_time(store: Store) -> None:
    """Microseconds since the epoch, and it goes on within one transaction."""
    with store.read() as conn:
        first = jobs.server_time(conn)
        conn.execute(text("SELECT pg_sleep(0.01)"))
        assert 10_000 <= jobs.server_time(conn) - first < 60_000_000
    assert first > 1_700_000_000_000_000
