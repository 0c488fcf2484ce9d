"""`verify` and `checkpoint`: what is signed, and how an auditor checks it."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from storage import notes
from storage.engine import upgrade
from tests.agent.conftest import Agent, History, say


@pytest.fixture
def copy(history: History, tmp_path: Path) -> Agent:
    """A copy of the history, with its key and anchors, to change at will."""
    for name in ("evidence.db", "signing.key"):
        shutil.copy(history.agent.folder / name, tmp_path / name)
    shutil.copytree(history.agent.folder / "anchors", tmp_path / "anchors")
    return Agent.at(tmp_path, "http://127.0.0.1:9")


def newest(agent: Agent) -> dict[str, str]:
    """Newest checkpoint and key, as the command shows them."""
    said: dict[str, str] = agent("checkpoint", "--show", "--json").json
    return said


def test_showing_signs_nothing(copy: Agent) -> None:
    """The note and the key as they are, and no new file."""
    before = sorted((copy.folder / "anchors").iterdir())
    said = copy("checkpoint", "--show")
    shown = newest(copy)

    assert said.code == 0
    assert said.out == f"{shown['note']}\nkey: {shown['verifier_key']}\n"
    assert notes.verify(shown["note"], shown["verifier_key"]).size == 10
    assert sorted((copy.folder / "anchors").iterdir()) == before


def test_signing_writes_the_note_to_the_anchor_folder(copy: Agent) -> None:
    """What is printed is what is written, signed by the key that is printed."""
    said = copy("checkpoint", "--json").json
    file = Path(said["file"])

    assert file.parent == copy.folder / "anchors"
    assert file.read_text(encoding="utf-8") == said["note"]
    assert notes.verify(said["note"], said["verifier_key"]).size == 10


def test_nothing_signed_yet_is_said(tmp_path: Path) -> None:
    """An empty store has no checkpoint to show."""
    url = f"sqlite:///{tmp_path}/empty.db"
    upgrade(url)
    said = say("checkpoint", "--show", "--database", url)

    assert said.code == 2
    assert "nothing is signed yet" in said.err


def test_a_shortened_ledger_is_not_signed_again(copy: Agent) -> None:
    """The anchor remembers more than the database holds: exit code 4, and nothing is written."""
    for anchor in (copy.folder / "anchors").iterdir():
        anchor.rename(anchor.with_name("checkpoint-000000000099.note"))
    text = notes.parse(newest(copy)["note"])
    forged = newest(copy)["note"].replace(f"\n{text.checkpoint.size}\n", "\n99\n", 1)
    (copy.folder / "anchors" / "checkpoint-000000000099.note").write_text(forged, encoding="utf-8")
    said = copy("checkpoint")

    assert (said.code, said.out) == (4, "")
    assert "entries are lost" in said.err


def test_an_untouched_store_agrees_at_every_level(copy: Agent) -> None:
    """Counts, the level, and what that level leaves open."""
    key = newest(copy)["verifier_key"]
    anchors = str(copy.folder / "anchors")
    alone = copy("verify")
    pinned = copy("verify", "--pubkey", key)
    outside = copy("verify", "--pubkey", key, "--checkpoint", anchors)

    for level, said in enumerate((alone, pinned, outside)):
        assert said.code == 0
        assert "everything agrees" in said.out
        assert f"level {level}: " in said.out
        assert "not excluded: No level can tell" in said.out
    assert "signed it with a key of their own" in alone.out
    assert "The owner of the key could have rebuilt" in pinned.out
    assert "the first 10 of 10 are covered" in outside.out


def test_the_report_for_programs(copy: Agent) -> None:
    """Clean or not, findings, level, counts and what stays open."""
    said = copy("verify", "--json").json

    assert said["clean"] is True
    assert said["findings"] == []
    assert (said["level"], said["size"], said["runs"], said["checkpoints"]) == (0, 10, 3, 3)
    assert len(said["not_excluded"]) == 2


def test_a_key_may_come_from_a_file(copy: Agent) -> None:
    """The file may be what `checkpoint` printed."""
    file = copy.folder / "pinned.pub"
    file.write_text(f"key: {newest(copy)['verifier_key']}\n", encoding="utf-8")
    said = copy("verify", "--pubkey", str(file), "--json").json

    assert (said["level"], said["clean"]) == (1, True)


def test_a_changed_verdict_is_found(copy: Agent) -> None:
    """FAIL turned into PASS by somebody with access to the file: exit code 4, and the place is named."""
    with sqlite3.connect(copy.folder / "evidence.db") as raw:
        guards = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute("UPDATE result SET outcome = 1 WHERE outcome = 2")
        for _, statement in guards:
            raw.execute(statement)
    raw.close()
    said = copy("verify")

    assert said.code == 4
    assert "things are wrong" in said.out
    assert "everything agrees" not in said.out
    assert copy("verify", "--json").json["clean"] is False


def test_a_checkpoint_from_outside_finds_a_cut(copy: Agent, history: History) -> None:
    """The tail was cut off back to an earlier checkpoint: only the one kept elsewhere tells."""
    kept = max((history.agent.folder / "anchors").iterdir())
    said = copy("verify", "--checkpoint", str(kept))
    text = kept.read_text(encoding="utf-8").replace("\n10\n", "\n12\n", 1)
    longer = copy.folder / "longer.note"
    longer.write_text(text, encoding="utf-8")

    assert said.code == 0
    assert copy("verify", "--checkpoint", str(longer)).code == 4


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--pubkey", "nothing"), "--pubkey nothing: cannot be read (No such file or directory)"),
        (("--checkpoint", "nothing.note"), "--checkpoint nothing.note: cannot be read"),
        (("--level", "1"), "level 1 needs --pubkey; with what was given only level 0 can be verified"),
        (("--level", "2"), "level 2 needs --checkpoint"),
        (("--level", "3"), "3 is not in the range 0<=x<=2"),
        (("--database", "sqlite:///nowhere.db"), "there is no such file"),
    ],
)
def test_bad_input_is_refused(copy: Agent, words: tuple[str, ...], message: str) -> None:
    """One line, exit code 2: a verification that could not begin has found nothing."""
    said = copy("verify", *words)

    assert (said.code, said.out) == (2, "")
    assert message in said.err


def test_files_that_hold_something_else_are_refused(copy: Agent, tmp_path: Path) -> None:
    """A text without a key, bytes that are no text, a folder without notes."""
    (tmp_path / "words.pub").write_text("no key here", encoding="utf-8")
    (tmp_path / "bytes.note").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "folder").mkdir()

    assert "holds no public key" in copy("verify", "--pubkey", str(tmp_path / "words.pub")).err
    assert "it is no text" in copy("verify", "--checkpoint", str(tmp_path / "bytes.note")).err
    assert "there is no *.note file" in copy("verify", "--checkpoint", str(tmp_path / "folder")).err
