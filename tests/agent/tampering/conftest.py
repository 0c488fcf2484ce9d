"""One finished ledger for each kind of database, copied for each test."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import URL

from agent.verify import Verdict, verify_at
from storage import notes
from storage.engine import Store, open_store
from tests.agent.tampering.estate import Estate, History, declare, live
from tests.conftest import Clock
from tests.postgres import create_database, drop_database

HOURS = range(41)
KEPT_OUTSIDE = (10, 20, 30, 40)


@dataclass
class Ledger:
    """A finished ledger, ready to be copied."""

    dialect: str
    signer: notes.Signer
    history: History
    finished: str | Path
    """Database name or file."""
    earlier: str | Path
    """The same after 30 runs."""
    replaced: str | Path
    """Another ledger of the same account, made and signed by somebody else."""
    without_wal: Path | None = None
    """Only on SQLite: the file without the write-ahead log that held the last ten runs."""


@dataclass
class Case:
    """One copy, and what a verifier holds."""

    url: str
    ledger: Ledger
    copy: Callable[[str | Path], str]
    """Make a copy of another state of the ledger and return its URL."""

    @property
    def runs(self) -> list[int]:
        """Positions of the runs."""
        return self.ledger.history.runs

    @property
    def outside(self) -> list[str]:
        """Checkpoints that were kept somewhere else."""
        return [self.ledger.history.notes[runs] for runs in KEPT_OUTSIDE]

    def caught(self, weakest: int, *says: str, url: str | None = None) -> None:
        """Assert that no verifier below this level notices, and that one of this level says all of this."""
        for level in range(weakest):
            assert self.verify(level, url).findings == (), f"noticed at level {level} already"
        found = [f"{finding.where}: {finding.what}" for finding in self.verify(weakest, url).findings]
        assert [said for said in says if not any(said in line for line in found)] == [], found

    def verify(self, level: int, url: str | None = None) -> Verdict:
        """Verify with what a verifier of this level holds."""
        return verify_at(
            url or self.url,
            pubkeys=[self.ledger.signer.verifier_key()] if level else (),
            checkpoints=self.outside if level == 2 else (),
        )


@pytest.fixture(scope="session")
def sqlite_ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """The finished ledger as a file, in which no verifier finds anything."""
    folder = tmp_path_factory.mktemp("ledger")
    file, earlier, bare = folder / "evidence.db", folder / "earlier.db", folder / "bare.db"
    signer = notes.open_key(folder / "key", "proofkeep-tests")
    url = f"sqlite:///{file}"

    with open_store(url, create=True, clock=Clock()) as store:
        with store.engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA wal_autocheckpoint = 0")

        def after(runs: int) -> None:
            if runs == 30:
                with store.engine.connect() as conn:
                    conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                shutil.copy(file, earlier)

        history = _live(store, signer, after)
        assert file.with_name("evidence.db-wal").stat().st_size > 0
        shutil.copy(file, bare)
    replaced = folder / "replaced.db"
    with open_store(f"sqlite:///{replaced}", create=True, clock=Clock()) as store:
        _live(store, notes.open_key(folder / "own", "proofkeep-tests"))
    made = Ledger("sqlite", signer, history, file, earlier, replaced, bare)
    _assert_clean(made, url)
    return made


@pytest.fixture(scope="session")
def postgresql_ledger(
    postgres_server: URL, postgres_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ledger]:
    """The finished ledger as a database to copy, in which no verifier finds anything."""
    folder = tmp_path_factory.mktemp("keys")
    signer = notes.open_key(folder / "key", "proofkeep-tests")
    base = create_database(postgres_server, postgres_template)
    names: list[str] = []

    def after(runs: int) -> None:
        if runs == 30:
            store.engine.dispose()
            names.append(str(create_database(postgres_server, base.database).database))

    with open_store(_text(base), clock=Clock()) as store:
        history = _live(store, signer, after)
    other = create_database(postgres_server, postgres_template)
    with open_store(_text(other), clock=Clock()) as store:
        _live(store, notes.open_key(folder / "own", "proofkeep-tests"))
    assert base.database
    assert other.database
    made = Ledger("postgresql", signer, history, base.database, names[0], other.database)
    _assert_clean(made, _text(base))
    yield made
    for name in (base.database, other.database, *names):
        drop_database(postgres_server, name)


@pytest.fixture
def sqlite_case(sqlite_ledger: Ledger, tmp_path: Path) -> Case:
    """A copy of the file."""

    def copy(which: str | Path) -> str:
        return f"sqlite:///{shutil.copy(which, tmp_path / Path(which).name)}"

    return Case(copy(sqlite_ledger.finished), sqlite_ledger, copy)


@pytest.fixture
def postgresql_case(postgresql_ledger: Ledger, postgres_server: URL) -> Iterator[Case]:
    """A copy of the database."""
    made: list[str] = []

    def copy(which: str | Path) -> str:
        url = create_database(postgres_server, str(which))
        made.append(str(url.database))
        return _text(url)

    yield Case(copy(postgresql_ledger.finished), postgresql_ledger, copy)
    for name in made:
        drop_database(postgres_server, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def case(request: pytest.FixtureRequest) -> Case:
    """A copy of the finished ledger, on each kind of database."""
    copied: Case = request.getfixturevalue(f"{request.param}_case")
    return copied


@pytest.fixture
def evidence_file(sqlite_case: Case) -> Path:
    """The file of a copy, closed and in one piece."""
    path = Path(sqlite_case.url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA journal_mode = DELETE")
    return path


def _assert_clean(ledger: Ledger, url: str) -> None:
    """Whatever the tests find in copies is their own doing."""
    case = Case(url, ledger, str)
    assert [case.verify(level).findings for level in range(3)] == [()] * 3


def _live(store: Store, signer: notes.Signer, after: Callable[[int], None] = lambda _: None) -> History:
    """Let the whole history happen."""
    history = History()
    declare(store)
    assert isinstance(store._clock, Clock)
    live(Estate(store, store._clock), signer, HOURS, history, after)
    return history


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
