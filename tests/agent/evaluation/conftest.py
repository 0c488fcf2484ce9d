"""The planted history on each kind of database, written once for all tests that only read it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import clock as agent_clock
from storage.engine import Store, open_store
from tests.agent.evaluation.occasions import Firm
from tests.agent.evaluation.planted import Company, plant
from tests.conftest import Clock
from tests.postgres import create_database, drop_database


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def planted_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a database with eighty days on record.  Only read from it: every test shares it."""
    clock = Clock()
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("planted") / "evidence.db"
        shutil.copy(Path(request.getfixturevalue("sqlite_template")), path)
        with open_store(f"sqlite:///{path}", clock=clock) as store:
            plant(store, clock)
        yield f"sqlite:///{path}"
        return
    base = request.getfixturevalue("postgres_server")
    copy = create_database(base, request.getfixturevalue("postgres_template"))
    assert copy.database
    url = copy.render_as_string(hide_password=False)
    with open_store(url, clock=clock) as store:
        plant(store, clock)
    yield url
    drop_database(base, copy.database)


@pytest.fixture
def company(planted_url: str, clock: Clock) -> Iterator[Company]:
    """Eighty days on record, to ask about."""
    with open_store(planted_url, clock=clock) as store:
        yield Company(store)


@pytest.fixture
def firm(store: Store, clock: Clock, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Firm:
    """A company of which nothing but the control library is on record."""
    monkeypatch.setattr(agent_clock, "now", clock)
    monkeypatch.chdir(tmp_path)
    return Firm(store, clock, database_url, tmp_path)
