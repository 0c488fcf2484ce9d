"""What operators get wrong, and what machines do to them: one clear line, the right exit code, nothing lost."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, text

from storage import engine
from storage.engine import LEDGER_LOCK
from tests.end_to_end.program import ACCOUNT, NAME, Program


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_unknown_region(program: Program) -> None:
    """A region that does not exist is refused with the nearest that does, before anything is asked or written."""
    said = program.with_target(regions=["eu-wset-1"]).collect()

    assert said.code == 2
    assert said.complaint == f"proofkeep: target {NAME!r}: 'eu-wset-1' is not an AWS region; did you mean 'eu-west-1'?"
    assert program.account.faults.calls.total() == 0
    assert program.ledger() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_bad_settings_file(program: Program) -> None:
    """A file that is no TOML, or is not there, is named in one line."""
    program.file.write_text("database = \n", encoding="utf-8")
    broken = program.run("collect")
    program.file.unlink()
    absent = program.run("collect")

    assert (broken.code, absent.code) == (2, 2)
    assert "proofkeep.toml: not valid TOML" in broken.complaint
    assert "proofkeep.toml: no such file" in absent.complaint


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_endpoint_that_is_no_address(program: Program) -> None:
    """An endpoint that no client can use is the operator's to fix."""
    said = program.with_target(endpoint="not an address").collect()

    assert said.code == 2
    assert "endpoint" in said.complaint
    assert program.ledger("run") == []


def test_no_credentials(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without credentials the run is sealed all the same: it says what is missing, and decides nothing."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    said = program.run("collect")

    assert said.code == 3
    assert said.err == ""
    assert "CREDENTIAL_EXPIRED" in said.out
    assert program.gaps() == {("CREDENTIAL_EXPIRED", "sts:GetCallerIdentity")}
    assert program.outcomes_of_reads("unknown") == {"UNKNOWN"}
    assert program.wrong() == []


def test_role_that_may_not_be_taken(program: Program) -> None:
    """A role that refuses us leaves gaps that name the call, and no verdict that decides."""
    program.account.faults.deny = {"sts:AssumeRole"}

    said = program.with_target(role_arn=f"arn:aws:iam::{ACCOUNT}:role/ProofkeepRead").collect()

    assert said.code == 3
    assert program.gaps() == {("PERMISSION_DENIED", "sts:AssumeRole")}
    assert program.outcomes_of_reads("unknown") == {"UNKNOWN"}


def test_endpoint_that_does_not_answer(program: Program) -> None:
    """A known account that cannot be reached keeps its things, each UNKNOWN, until it can be reached again."""
    program.collect()
    clean, documents = program.verdicts(), program.documents()
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        away = program.with_target(endpoint=f"http://127.0.0.1:{closed.getsockname()[1]}")
        said = away.collect()

    unknown = program.verdicts()
    assert said.code == 3
    assert program.gaps() == {("ACCOUNT_UNREACHABLE", "sts:GetCallerIdentity")}
    assert program.outcomes_of_reads() == {"UNKNOWN"}
    assert {pair for pair in clean if pair[1] != "scope"} <= set(unknown)
    assert program.documents() == documents
    program.configure()
    assert program.collect().code == 0
    assert program.verdicts() == clean


def test_account_once_unreachable_is_judged_by_its_later_runs(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first run without an answer stays in the history, but does not darken what later runs know."""
    with monkeypatch.context() as without:
        without.delenv("AWS_ACCESS_KEY_ID")
        without.delenv("AWS_SECRET_ACCESS_KEY")
        program.collect()

    assert program.collect().code == 0

    now = program.run("findings", "--json").json
    status = program.run("status", "--json").json
    assert {each["account"] for each in now} == {ACCOUNT}
    assert [each["account"] for each in status["targets"]] == [ACCOUNT]


@contextmanager
def held(url: str) -> Iterator[None]:
    """Somebody else holds the database's one place for writers."""
    other = create_engine(url, isolation_level="AUTOCOMMIT")
    with other.connect() as conn:
        if conn.dialect.name == "sqlite":
            conn.execute(text("BEGIN IMMEDIATE"))
            yield
            conn.execute(text("ROLLBACK"))
        else:
            conn.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LEDGER_LOCK})
            yield
            conn.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LEDGER_LOCK})
    other.dispose()


def test_database_that_somebody_else_holds(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the patience for locks is over the program says who has it, and the next run is as usual."""
    program.collect()
    before = program.ledger()
    monkeypatch.setattr(engine, "BUSY_SECONDS", 1)

    with held(program.database):
        said = program.collect()

    assert said.code == 2
    assert "another process holds" in said.complaint
    assert program.ledger() == before
    assert program.collect().code == 0


def test_database_of_a_later_release(program: Program) -> None:
    """A schema that this release does not know is left alone."""
    changed = create_engine(program.database)
    with changed.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    changed.dispose()

    said = program.collect()

    assert said.code == 2
    assert "later release" in said.complaint
    assert program.account.faults.calls.total() == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_folder_that_cannot_be_written(program: Program, tmp_path: Path) -> None:
    """A database, or anchors, below something that is no folder: the path is named."""
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")

    database = program.run("collect", "--database", f"sqlite:///{file}/evidence.db")

    assert database.code == 2
    assert f"{file}/evidence.db" in database.complaint
    with program.file.open("a", encoding="utf-8") as settings:
        settings.write(f'[integrity]\nanchors = "{file}/anchors"\n')
    anchors = program.run("collect")
    assert anchors.code == 2
    assert f"{file}/anchors" in anchors.complaint
    assert len(program.ledger("run")) <= 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_database_that_does_not_answer(program: Program) -> None:
    """A server that is not there is named without its password."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"postgresql://agent:hunter2-secret@127.0.0.1:{closed.getsockname()[1]}/evidence"
        said = program.run("collect", "--database", url)

    assert said.code == 2
    assert "no answer from the server" in said.complaint
    assert "hunter2-secret" not in said.err


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("late", [False, True])
def test_disk_that_is_full(program: Program, tmp_path: Path, late: bool) -> None:
    """Whether staging or sealing finds the disk full: one line, no half of a run, and space brings it back."""
    empty = _pages(tmp_path / "evidence.db")
    roomy = program.run("collect", "--database", f"sqlite:///{tmp_path}/roomy.db")
    limit = _pages(tmp_path / "roomy.db") * 9 // 10 if late else empty + 1

    def fill(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {limit}")

    event.listen(Engine, "connect", fill)
    try:
        said = program.collect()
    finally:
        event.remove(Engine, "connect", fill)

    assert roomy.code == 0
    assert said.code == 2
    assert "full" in said.complaint
    assert program.ledger("run") == []
    assert program.verdicts() == {}
    assert program.collect().code == 0
    assert len(program.ledger("run")) == 1
    assert len(program.ledger("abort")) == len(program.ledger("run-start")) - 1
    assert program.staged() == 0
    assert program.wrong() == []


def _pages(file: Path) -> int:
    """Pages of a database file."""
    with closing(sqlite3.connect(file)) as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
    return int(pages)
