"""The queue that workers take their work from: made by the upgrade, and only where there can be one."""

from __future__ import annotations

import pytest
from sqlalchemy import URL, text

from agent.config import Settings
from agent.errors import OperatorError
from agent.fanout import Fanout
from storage.engine import open_store
from tests.agent.conftest import say
from tests.postgres import create_database, drop_database


def test_upgrade_makes_the_queue(postgres_server: URL) -> None:
    """The owner's `db upgrade` makes the tables that the agent's own role may not make, and may be repeated."""
    empty = create_database(postgres_server)
    assert empty.database
    url = empty.render_as_string(hide_password=False)

    assert [say("db", "upgrade", "--database", url).code for _ in range(2)] == [0, 0]

    with open_store(url) as store, store.read() as conn:
        assert conn.scalar(text("SELECT to_regclass('procrastinate.procrastinate_jobs') IS NOT NULL"))
    drop_database(postgres_server, empty.database)


def test_file_has_no_workers() -> None:
    """On SQLite one line says what workers need."""
    with open_store("sqlite:///:memory:", create=True) as store, pytest.raises(OperatorError, match="need PostgreSQL"):
        Fanout(Settings(), store)
