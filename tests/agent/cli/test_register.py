"""`register`: importing lists, and showing what they say now or said at a time."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from agent import clock as agent_clock
from agent.registers import KINDS
from agent.registers.parsing import header
from storage.engine import Store
from tests.agent.conftest import Agent, History, Said, say
from tests.conftest import JANUARY, Clock

PEOPLE = "id,name,joined_at,left_at,accounts\n1,Ana,2024-01-01,,ana\n2,Ben,2024-01-01,2025-12-01,ben;AKIA1\n"


class Shell:
    """The command line on one database, at the time of the test's clock."""

    def __init__(self, url: str, folder: Path) -> None:
        """Remember the database and the folder for files."""
        self._url = url
        self.folder = folder

    def __call__(self, *words: str) -> Said:
        """Run one command."""
        return say(*words, "--database", self._url)

    def load(self, *words: str, kind: str = "people", name: str = "staff.csv", content: str = PEOPLE) -> Said:
        """Run `register import` on a file with this content, dated the first of January."""
        path = self.folder / name
        path.write_text(content, encoding="utf-8")
        os.utime(path, ns=(JANUARY * 1000, JANUARY * 1000))
        people = ("--source", "Personio", "--performed-by", "Ana")
        return self("register", "import", kind, str(path), *people, *words)

    def listed(self, *words: str) -> Any:
        """What `register list` says for programs."""
        return self("register", "list", "--json", *words).json


@pytest.fixture
def shell(store: Store, clock: Clock, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    """An empty store, one hour into January."""
    monkeypatch.setattr(agent_clock, "now", clock)
    monkeypatch.chdir(tmp_path)
    clock.advance(3600)
    return Shell(database_url, tmp_path)


def test_importing_says_what_is_in_force_now(shell: Shell) -> None:
    """And what it takes the place of."""
    first = shell.load("--rows", "2")
    second = shell.load("--rows", "1", content=PEOPLE.rsplit("2,Ben", maxsplit=1)[0])

    assert (first.code, first.err) == (0, "")
    assert first.out == "R-0001 is the register people now (ledger entry 0): 2 rows\n"
    assert second.out == (
        "R-0002 is the register people now (ledger entry 1): 1 rows; it takes the place of R-0001 (Personio, 2 rows)\n"
    )


def test_importing_for_programs(shell: Shell) -> None:
    """The import as the list shows it: what makes the extract reliable; the file's date is its moment."""
    words = ("--rows", "2", "--query", "all staff", "--parameters", "from 2024", "--json")
    said = shell.load(*words).json

    assert [said] == shell.listed()
    assert bool(said.pop("uploaded_by"))
    assert said == {
        "id": "R-0001",
        "register": "people",
        "source": "Personio",
        "query": "all staff",
        "parameters": "from 2024",
        "performed_by": "Ana",
        "as_of": "2026-01-01T00:00:00Z",
        "recorded_at": "2026-01-01T01:00:00Z",
        "rows": 2,
        "counted": 2,
        "controls": [],
        "file": {
            "name": "staff.csv",
            "media": "text/csv",
            "modified": "2026-01-01T00:00:00Z",
            "bytes": len(PEOPLE),
            "sha256": said["file"]["sha256"],
        },
        "entry": 0,
    }


def test_a_list_that_nobody_counted_is_warned_of(shell: Shell) -> None:
    """It is taken, and the list says so."""
    said = shell.load()

    assert said.code == 0
    assert said.err == (
        "proofkeep: warning: R-0001 was not counted against its source; give --rows to show that it is complete\n"
    )
    assert shell.listed()[0]["counted"] is None


def test_bad_rows_are_listed_and_nothing_is_imported(shell: Shell) -> None:
    """A line each, then one that says so; exit code 2."""
    said = shell.load(content=f"{PEOPLE}3,,2024-01-01,,\n4,Di,soon,,\n")

    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines() == [
        "proofkeep: staff.csv: line 4: name: is empty; fill it in",
        "proofkeep: staff.csv: line 5: joined_at: 'soon' is no time; write it as 2026-03-14 or 2026-03-14T09:00:00Z",
        "proofkeep: staff.csv: nothing was imported; correct the rows above, and import it again",
    ]
    assert shell.listed() == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--rows", "3"), "--rows 3: staff.csv has 2"),
        (("--as-of", "2026-02-01"), "--as-of 2026-02-01T00:00:00Z: lies in the future"),
    ],
)
def test_a_broken_rule_is_refused(shell: Shell, words: tuple[str, ...], message: str) -> None:
    """One line, exit code 2, nothing saved."""
    said = shell.load(*words)

    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"proofkeep: {message}")
    assert len(said.err.splitlines()) == 1
    assert shell.listed() == []


def test_a_missing_file_is_one_line(shell: Shell) -> None:
    """It names the file."""
    said = shell("register", "import", "people", "none.csv", "--source", "x", "--performed-by", "y")

    assert (said.code, said.err) == (
        2,
        "proofkeep: FILE none.csv: cannot be read (No such file or directory); name a readable file\n",
    )


def test_a_secret_is_warned_of(shell: Shell) -> None:
    """By file and rule, never by value."""
    said = shell.load("--rows", "1", content="id,name,joined_at\n1,password=correct-horse,2024-01-01\n")

    assert said.code == 0
    assert "staff.csv: looks as if it held a secret (assigned-secret)" in said.err
    assert "correct-horse" not in said.err


def test_showing_a_register_now_and_then(shell: Shell, clock: Clock) -> None:
    """Rows and where they come from, of what was known at the time; columns without a value are left out."""
    shell.load()
    clock.advance(3600)
    shell.load(content=PEOPLE.rsplit("2,Ben", maxsplit=1)[0])
    now = shell("register", "show", "people")
    then = shell("register", "show", "people", "--as-of", "2026-01-01T01:59:59Z")
    told = shell("register", "show", "people", "--as-of", "2026-01-01T01:00:00Z", "--json").json

    assert "Ben" not in now.out
    assert "Ben" in then.out
    assert "ben; AKIA1" in then.out
    assert "email" not in then.out
    assert "R-0001: 2 rows from Personio, as of 2026-01-01T00:00:00Z, drawn by Ana" in then.out
    assert told["id"] == "R-0001"
    assert told["data"][1] == {
        "id": "2",
        "name": "Ben",
        "email": "",
        "role": "",
        "manager": "",
        "joined_at": "2024-01-01T00:00:00Z",
        "left_at": "2025-12-01T00:00:00Z",
        "accounts": ["ben", "AKIA1"],
    }


def test_nothing_imported_is_no_empty_register(shell: Shell) -> None:
    """Before the first import nobody knows anything; the line says what to do."""
    shell.load()
    never = shell("register", "show", "vendors")
    before = shell("register", "show", "people", "--as-of", "2026-01-01T00:59:59Z")

    assert (never.code, never.out) == (2, "")
    assert never.err == "proofkeep: vendors: nothing was imported; `proofkeep register import vendors FILE` does\n"
    assert before.code == 2
    assert "people: nothing was imported by 2026-01-01T00:59:59Z" in before.err


def test_an_empty_register_is_shown_as_one(shell: Shell) -> None:
    """All columns, no row."""
    shell.load("--rows", "0", kind="incidents", content=",".join(header("incidents")))
    said = shell("register", "show", "incidents", "--csv")

    assert said.out == ",".join(header("incidents")) + "\n"


def test_csv_that_is_shown_can_be_imported_and_runs_no_formula(shell: Shell) -> None:
    """Vendors with lists and controls come out as they went in, but for the quote before a formula."""
    content = (
        "vendor,service,method,critical,report_type,report_from,report_to,csocs,cuecs\n"
        'Acme,=cmd|x,inclusive,yes,soc2-type2,2025-01-01,2025-12-31,"a, b; c","x -> AC-10, AC-01; y"\n'
    )
    shell.load(kind="vendors", content=content)
    said = shell("register", "show", "vendors", "--csv").out
    again = shell.load(kind="vendors", content=said)
    columns, row = csv.reader(io.StringIO(said))

    assert dict(zip(columns, row, strict=True)) == {
        "vendor": "Acme",
        "service": "'=cmd|x",
        "method": "inclusive",
        "critical": "yes",
        "csocs": "a, b; c",
        "cuecs": "x -> AC-10, AC-01; y",
        "report_type": "soc2-type2",
        "report_from": "2025-01-01",
        "report_to": "2025-12-31",
    }
    assert again.code == 0
    assert shell("register", "show", "vendors", "--csv").out == said


def test_names_from_files_rewrite_no_terminal(shell: Shell) -> None:
    """Markup is text; a control character never gets in."""
    shell.load(content="id,name,joined_at\n1,[red]Ana[/red],2024-01-01\n")

    assert "[red]Ana[/red]" in shell("register", "show", "people").out


def test_the_imported_file_can_be_taken_out(shell: Shell) -> None:
    """To the byte, and never over another one."""
    shell.load()
    said = shell("register", "show", "people", "--out", "out")
    again = shell("register", "show", "people", "--out", "out")

    assert said.out.splitlines()[-1] == "written: out/R-0001-1-staff.csv"
    assert (shell.folder / "out" / "R-0001-1-staff.csv").read_text(encoding="utf-8") == PEOPLE
    assert again.code == 2


def test_the_list_shows_every_import(shell: Shell) -> None:
    """Oldest first, with a count by register."""
    shell.load("--rows", "2")
    decision = {"id": 1, "change": 7, "decision": "approved", "approved_by": "x", "approved_at": "2025-01-01"}
    shell.load(kind="approvals", content=json.dumps([decision]), name="a.json")
    said = shell("register", "list")

    assert [each["id"] for each in shell.listed()] == ["R-0001", "R-0002"]
    assert [each["id"] for each in shell.listed("--kind", "approvals")] == ["R-0002"]
    assert said.out.splitlines()[-1] == "2 imports: 1 people, 1 approvals"
    assert [line.split()[4] for line in said.out.splitlines() if line.startswith(" R-")] == ["yes", "no"]


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_template_is_a_header(kind: str) -> None:
    """Every column in order, and a description of each on request."""
    said, told = say("register", "template", kind), say("register", "template", kind, "--describe")

    assert (said.code, said.out) == (0, ",".join(header(kind)) + "\n")
    assert KINDS[kind] in told.out
    assert all(f" {column} " in told.out for column in header(kind))


@pytest.fixture
def copy(history: History, tmp_path: Path) -> Agent:
    """A copy of the history, with its key and anchors, to change at will."""
    for name in ("evidence.db", "signing.key"):
        shutil.copy(history.agent.folder / name, tmp_path / name)
    shutil.copytree(history.agent.folder / "anchors", tmp_path / "anchors")
    return Agent.at(tmp_path, "http://127.0.0.1:9")


def test_the_ledger_of_real_runs_stays_sound(copy: Agent) -> None:
    """Imported, signed and verified; after a rollback nothing is imported."""
    path = copy.folder / "staff.csv"
    path.write_text(PEOPLE, encoding="utf-8")
    words = ("register", "import", "people", str(path), "--source", "x", "--performed-by", "y")
    kept = (copy.folder / "evidence.db").read_bytes()
    imported = copy(*words)
    copy("checkpoint")
    said = copy("verify", "--checkpoint", str(copy.folder / "anchors"), "--json")
    (copy.folder / "evidence.db").write_bytes(kept)

    assert (imported.code, said.code, said.json["findings"]) == (0, 0, [])
    assert copy(*words).code == 4
