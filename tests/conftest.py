"""Fixtures for every test that needs a database: each such test runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from agent import log
from storage.engine import Store, open_store, upgrade
from tests.postgres import create_database, drop_database, server

JANUARY = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z in microseconds."""


class Clock:
    """A clock that only the test moves, in microseconds since the epoch."""

    def __init__(self) -> None:
        """Start in January 2026."""
        self.time = JANUARY

    def __call__(self) -> int:
        """Tell the time."""
        return self.time

    def advance(self, seconds: float) -> int:
        """Move on, or back, and tell the new time."""
        self.time += round(seconds * 1_000_000)
        return self.time


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: (item.path.name != "test_year.py", item.path.parent.name != "end_to_end"))


@pytest.fixture(autouse=True)
def _silent_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that switches the agent's log on leaves it off for the next one."""
    monkeypatch.setattr(log._Logger, "configured", False)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """A PostgreSQL server for the whole session."""
    with server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_server: URL) -> Iterator[str]:
    """Name of a database that holds the current schema, to copy for each test."""
    url = create_database(postgres_server)
    upgrade(url.render_as_string(hide_password=False))
    assert url.database
    yield url.database
    drop_database(postgres_server, url.database)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file that holds the current schema, to copy for each test."""
    path = tmp_path_factory.mktemp("template") / "evidence.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database without tables, on each kind of server."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    base: URL = request.getfixturevalue("postgres_server")
    url = create_database(base)
    assert url.database
    yield url.render_as_string(hide_password=False)
    drop_database(base, url.database)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database with the current schema, on each kind of server."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "evidence.db")
        yield f"sqlite:///{tmp_path}/evidence.db"
        return
    base: URL = request.getfixturevalue("postgres_server")
    copy = create_database(base, request.getfixturevalue("postgres_template"))
    assert copy.database
    yield copy.render_as_string(hide_password=False)
    drop_database(base, copy.database)


@pytest.fixture
def clock() -> Clock:
    """A clock at 2026-01-01T00:00:00Z."""
    return Clock()


@pytest.fixture
def store(database_url: str, clock: Callable[[], int]) -> Iterator[Store]:
    """An open, empty store."""
    with open_store(database_url, clock=clock) as opened:
        yield opened
