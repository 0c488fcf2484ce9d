"""`attest`: recording manual evidence, listing it, and taking its files out again."""

from __future__ import annotations

import os
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from agent import clock as agent_clock
from storage.engine import Store
from tests.agent.conftest import Agent, History, Said, say
from tests.conftest import JANUARY, Clock

DAY = 86_400_000_000
ASKED = {
    "--performed-by": "Ana Admin",
    "--performed-at": "2025-12-30",
    "--reviewed-by": "Carl Ciso",
    "--slot": "2025-Q4",
    "--note": "all accounts",
}


class Shell:
    """The command line on one database, at the time of the test's clock."""

    def __init__(self, url: str, folder: Path) -> None:
        """Remember the database and the folder for files."""
        self._url = url
        self.folder = folder

    def __call__(self, *words: str) -> Said:
        """Run one command."""
        return say(*words, "--database", self._url)

    def file(self, name: str = "review.pdf", content: bytes = b"%PDF seen", modified: int = JANUARY) -> str:
        """A file with a date."""
        path = self.folder / name
        path.write_bytes(content)
        os.utime(path, ns=(modified * 1000, modified * 1000))
        return str(path)

    def attest(self, *words: str, **changes: str | None) -> Said:
        """Run `attest` with one file and these options changed; None leaves one out, an underscore is a dash."""
        control = changes.pop("control", None) or "AC-10"
        asked: dict[str, str | None] = {**ASKED, "--file": self.file()}
        asked |= {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
        given = [word for name, value in asked.items() if value is not None for word in (name, value)]
        return self("attest", control, *given, *words)

    def listed(self, *words: str) -> Any:
        """What `attest list` says for programs."""
        return self("attest", "list", "--json", *words).json


@pytest.fixture
def shell(store: Store, clock: Clock, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    """An empty store, one hour into January."""
    monkeypatch.setattr(agent_clock, "now", clock)
    monkeypatch.chdir(tmp_path)
    clock.advance(3600)
    return Shell(database_url, tmp_path)


def test_recording_says_what_is_on_record(shell: Shell) -> None:
    """Number, control, entry, and how much was kept; nothing to warn of."""
    said = shell.attest()

    assert (said.code, said.err) == (0, "")
    assert said.out == "M-0001 is on record for AC-10 (ledger entry 0): 1 files, 9 bytes\n"


def test_recording_for_programs(shell: Shell) -> None:
    """The attestation as the list shows it; the review is of now unless said otherwise."""
    said = shell.attest("--json").json
    uploaded_by = said.pop("uploaded_by")
    version = said.pop("control_version")

    assert [said | {"uploaded_by": uploaded_by, "control_version": version}] == shell.listed()
    assert (bool(uploaded_by), len(version)) == (True, 64)
    assert said == {
        "id": "M-0001",
        "state": "in force",
        "counts": True,
        "weaknesses": [],
        "control": "AC-10",
        "slot": "2025-Q4",
        "item": "",
        "exception": "",
        "incident": "",
        "performed_by": "Ana Admin",
        "performed_at": "2025-12-30T00:00:00Z",
        "reviewed_by": "Carl Ciso",
        "reviewed_at": "2026-01-01T01:00:00Z",
        "recorded_at": "2026-01-01T01:00:00Z",
        "earliest_trace": "2026-01-01T00:00:00Z",
        "expires": None,
        "inquiry": False,
        "note": "all accounts",
        "shows_url": "",
        "shows_time": "",
        "shows_account": "",
        "supersedes": "",
        "superseded_by": "",
        "superseded_at": None,
        "files": [
            {
                "name": "review.pdf",
                "media": "application/pdf",
                "modified": "2026-01-01T00:00:00Z",
                "bytes": 9,
                "sha256": sha256(b"%PDF seen").hexdigest(),
            }
        ],
        "entry": 0,
    }


def test_the_long_form_and_options_first(shell: Shell) -> None:
    """`attest record CONTROL` is the same, and so are options before the control."""
    words = [word for pair in ASKED.items() for word in pair]
    long = shell("attest", "record", "AC-10", "--file", shell.file(), *words)
    first = shell("attest", "--file", shell.file(), *words, "AC-10")

    assert (long.code, first.code) == (0, 0)
    assert [each["id"] for each in shell.listed()] == ["M-0001", "M-0002"]


@pytest.mark.parametrize(
    ("changes", "words", "warning"),
    [
        (
            {"performed_at": "2025-12-24"},
            (),
            "does not count: it claims 2025-12-24T00:00:00Z, more than 7 days before the earliest trace of it",
        ),
        ({"file": None}, ("--inquiry",), "is inquiry alone, which never makes a control effective"),
        ({"reviewed_by": None}, (), "is unverified until somebody else reviews it; record it again with --reviewed-by"),
    ],
)
def test_what_is_weak_is_recorded_and_said(
    shell: Shell, changes: dict[str, str | None], words: tuple[str, ...], warning: str
) -> None:
    """One line each on the side, and the list shows it."""
    said = shell.attest(*words, **changes)

    assert said.code == 0
    assert said.err.startswith(f"proofkeep: warning: M-0001 {warning}")
    assert len(said.err.splitlines()) == len(shell.listed()[0]["weaknesses"]) == 1


def test_a_picture_is_weak(shell: Shell) -> None:
    """It is of low reliability, and refused when nothing places it."""
    shown = {"shows_url": "https://example.org/mfa", "shows_time": "09:41", "shows_account": "123456789012"}
    refused = shell.attest("--file", shell.file("mfa.png"))
    said = shell.attest("--file", shell.file("mfa.png"), **shown)

    assert said.err == "proofkeep: warning: M-0001 has a picture, which is of low reliability; prefer an export\n"
    assert refused.err.startswith("proofkeep: --shows-url: is missing beside a picture")
    assert {name: shell.listed()[0][name] for name in shown} == shown


def test_a_secret_is_warned_of_and_kept(shell: Shell) -> None:
    """The line names file and rule, never the secret; the file is kept to the byte."""
    content = b"password = correct-horse-battery"
    said = shell.attest(file=shell.file("notes.txt", content))
    shell("attest", "show", "M-0001", "--out", str(shell.folder / "out"))

    assert said.code == 0
    assert "warning: notes.txt: looks as if it held a secret (assigned-secret), and is kept as it is" in said.err
    assert "correct-horse" not in said.err
    assert (shell.folder / "out" / "M-0001-1-notes.txt").read_bytes() == content


@pytest.mark.parametrize(
    ("control", "changes", "message"),
    [
        ("AC-99", {}, "CONTROL 'AC-99': there is no control of that name"),
        ("AC-10", {"reviewed_by": "ana admin"}, "--reviewed-by 'ana admin': is who performed it"),
        ("AC-10", {"file": None}, "--file: is missing"),
        ("AC-10", {"file": "none.pdf"}, "--file none.pdf: cannot be read"),
        ("AC-10", {"supersedes": "M-0003"}, "--supersedes 'M-0003': there is no such attestation"),
    ],
)
def test_a_broken_rule_is_refused(shell: Shell, control: str, changes: dict[str, str | None], message: str) -> None:
    """One line, exit code 2, nothing saved."""
    said = shell.attest(**{"control": control, **changes})

    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"proofkeep: {message}")
    assert len(said.err.splitlines()) == 1
    assert shell.listed("--all") == []


@pytest.mark.parametrize("option", ["--performed-by", "--performed-at"])
def test_what_evidence_needs_must_be_said(shell: Shell, option: str) -> None:
    """Who and when have no default."""
    said = shell.attest(**{option.removeprefix("--").replace("-", "_"): None})

    assert said.code == 2
    assert f"Missing option '{option}'" in said.err


def test_the_list_shows_what_is_in_force_and_with_all_what_ever_was(shell: Shell, clock: Clock) -> None:
    """Each state once: the default leaves out what is over and says so."""
    shell.attest()
    shell.attest(supersedes="M-0001")
    shell.attest(control="AC-14", slot="", expires="2026-01-02")
    clock.advance(86400)
    default, everything = shell("attest", "list"), shell("attest", "list", "--all")

    assert [each["state"] for each in shell.listed("--all")] == ["superseded", "in force", "expired"]
    assert [each["id"] for each in shell.listed()] == ["M-0002"]
    assert [each["id"] for each in shell.listed("--all", "--control", "AC-14")] == ["M-0003"]
    assert "M-0001" not in default.out
    assert default.out.splitlines()[-1] == (
        "1 attestations: 1 in force; 2 more expired or were superseded, --all shows them"
    )
    assert "2025-12-30T00:00:00Z by Ana Admin" in everything.out
    assert everything.out.splitlines()[-1] == "3 attestations: 1 superseded, 1 in force, 1 expired"


def test_showing_one(shell: Shell) -> None:
    """Every field that says something, and the files, which --out writes."""
    shell.attest("--file", shell.file("list.csv", b"a,b"))
    said = shell("attest", "show", "M-0001", "--out", str(shell.folder / "out"))
    told = shell("attest", "show", "M-0001", "--json").json

    assert said.code == 0
    for text in ("performed_by  Ana Admin", "slot  2025-Q4", "counts  True", "list.csv, 3 bytes, modified 2026-01-01"):
        assert text in said.out
    assert "expires" not in said.out
    assert f"written  {shell.folder}/out/M-0001-2-list.csv" in said.out.replace("\n", "")
    assert {path.name: path.read_bytes() for path in (shell.folder / "out").iterdir()} == {
        "M-0001-1-review.pdf": b"%PDF seen",
        "M-0001-2-list.csv": b"a,b",
    }
    assert told == shell.listed()[0] | {"written": []}


def test_nothing_is_written_over(shell: Shell) -> None:
    """A second time into the same folder is refused."""
    shell.attest()
    shell("attest", "show", "M-0001", "--out", "out")
    said = shell("attest", "show", "M-0001", "--out", "out")

    assert said.code == 2
    assert said.err == "proofkeep: --out out/M-0001-1-review.pdf: exists already; name another folder, or remove it\n"


def test_an_unknown_id_is_refused(shell: Shell) -> None:
    """The line says what lists all."""
    said = shell("attest", "show", "M-0001")

    assert (said.code, said.err) == (
        2,
        "proofkeep: 'M-0001': there is no such attestation; `proofkeep attest list --all` shows all\n",
    )


def test_help_names_the_short_form() -> None:
    """`attest --help` and `attest CONTROL --help` explain different things."""
    group, record = say("attest", "--help"), say("attest", "AC-10", "--help")

    assert "CONTROL [OPTIONS] | COMMAND" in group.out
    assert "--performed-by" not in group.out
    assert "--performed-by" in record.out


@pytest.fixture
def copy(history: History, tmp_path: Path) -> Agent:
    """A copy of the history, with its key and anchors, to change at will."""
    for name in ("evidence.db", "signing.key"):
        shutil.copy(history.agent.folder / name, tmp_path / name)
    shutil.copytree(history.agent.folder / "anchors", tmp_path / "anchors")
    return Agent.at(tmp_path, "http://127.0.0.1:9")


WORDS = ("attest", "AC-10", "--performed-by", "Ana", "--performed-at", "2026-01-01", "--inquiry")


def test_the_ledger_of_real_runs_stays_sound(copy: Agent) -> None:
    """Recorded, signed and verified against the anchors from outside."""
    (copy.folder / "r.pdf").write_bytes(b"%PDF")
    recorded = copy(*WORDS, "--file", str(copy.folder / "r.pdf"))
    copy("checkpoint")
    said = copy("verify", "--checkpoint", str(copy.folder / "anchors"), "--json")

    assert recorded.code == 0
    assert (said.code, said.json["findings"]) == (0, [])


def test_a_database_that_was_rolled_back_takes_no_evidence(copy: Agent) -> None:
    """An anchor speaks of more entries than there are: nothing is added to a second history."""
    kept = (copy.folder / "evidence.db").read_bytes()
    copy(*WORDS)
    copy("checkpoint")
    (copy.folder / "evidence.db").write_bytes(kept)

    assert copy(*WORDS).code == 4
    assert copy("attest", "list", "--all", "--json").json == []


def test_a_file_is_found_by_its_hash_whatever_it_is(shell: Shell) -> None:
    """`evidence show` does not expect JSON of what people hand in."""
    shell.attest()
    digest = sha256(b"%PDF seen").hexdigest()

    shown, told = shell("evidence", "show", digest), shell("evidence", "show", digest, "--json")

    assert shown.code == 0
    assert f"sha256 {digest}, hashed anew and equal" in shown.out
    assert "--raw writes its bytes" in shown.out
    assert (told.json["bytes"], told.json["content"]) == (9, None)
