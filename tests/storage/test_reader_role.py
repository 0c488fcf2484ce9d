"""The role of auditors on PostgreSQL: it sees the public views, whole, and no table."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, make_url, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from storage import schema, views
from storage.engine import Store
from storage.tables import metadata
from tests.storage.test_views import lived

__all__ = ["lived"]
TABLES = [*sorted(metadata.tables), "alembic_version"]


@pytest.fixture
def owner(lived: Store, database_url: str) -> Iterator[Engine]:
    """The owner of a store that was used."""
    made = create_engine(make_url(database_url))
    yield made
    made.dispose()


@pytest.fixture
def reader(owner: Engine) -> Iterator[Engine]:
    """A role that held everything once, with the grants of a reader now."""
    role = f'reader "of" {owner.url.database}'
    quoted = '"' + role.replace('"', '""') + '"'
    with owner.begin() as conn:
        conn.exec_driver_sql(f"CREATE ROLE {quoted} LOGIN PASSWORD 'secret'")
        conn.exec_driver_sql(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {quoted}")
        for statement in schema.grants(reader=role):
            conn.exec_driver_sql(statement)
    made = create_engine(owner.url.set(username=role, password="secret"))
    yield made
    made.dispose()
    with owner.begin() as conn:
        conn.exec_driver_sql(f"DROP OWNED BY {quoted}")
        conn.exec_driver_sql(f"DROP ROLE {quoted}")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_views_are_whole(owner: Engine, reader: Engine) -> None:
    """Each view has the same rows for the reader as for the owner, whose rights it reads with."""
    filled = set()
    for name in views.NAMES:
        query = select(text("*")).select_from(text(name))
        with owner.connect() as ours, reader.connect() as theirs:
            rows = sorted(map(repr, theirs.execute(query)))
            assert rows == sorted(map(repr, ours.execute(query)))
        filled |= {name} if rows else set()
    assert filled >= {"v_runs", "v_calls", "v_gaps", "v_findings", "v_failing_intervals", "v_control_days"}
    assert filled >= {"v_evidence", "v_waivers", "v_population", "v_population_stores", "v_population_accounts"}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_no_table_can_be_read(owner: Engine, reader: Engine) -> None:
    """Nothing but views: the catalog lists no other right, and a read or a change of any table is refused."""
    with reader.connect() as conn:
        held = "SELECT table_name FROM information_schema.role_table_grants WHERE grantee = current_user"
        assert set(conn.scalars(text(held))) == set(views.NAMES)
    for name in TABLES:
        for statement in ("SELECT * FROM", "DELETE FROM"):
            with reader.connect() as conn, pytest.raises(ProgrammingError, match="permission denied"):
                conn.execute(text(f"{statement} {name}"))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_views_cannot_be_written(owner: Engine, reader: Engine) -> None:
    """A view is no way around: it takes no rows and gives none away."""
    for name in views.NAMES:
        with reader.connect() as conn, pytest.raises(DBAPIError, match=r"permission denied|cannot delete from view"):
            conn.execute(text(f"DELETE FROM {name}"))  # noqa: S608  # our own names
