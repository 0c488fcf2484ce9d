"""Files that people hand in: which are taken, what is kept of them, and how they are written out again."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from agent import uploads
from agent.errors import OperatorError
from storage.attachments import Attached, Attachment
from tests.conftest import JANUARY


def made(path: Path, content: bytes = b"seen", modified: int = JANUARY) -> Path:
    """A file with a date."""
    path.write_bytes(content)
    os.utime(path, ns=(modified * 1000, modified * 1000))
    return path


@pytest.mark.parametrize(
    ("name", "media"),
    [("review.pdf", "application/pdf"), ("mfa.PNG", "image/png"), ("list", "application/octet-stream")],
)
def test_a_file_is_read_whole(tmp_path: Path, name: str, media: str) -> None:
    """Bytes, bare name, date, and what its ending says."""
    path = made(tmp_path / name, bytes(range(256)))

    assert uploads.read(path, JANUARY) == Attachment(name, media, JANUARY, bytes(range(256)))


def test_a_date_in_the_future_is_now(tmp_path: Path) -> None:
    """No file can be newer than the moment at which it is read."""
    assert uploads.read(made(tmp_path / "a", modified=JANUARY + 5), JANUARY).modified == JANUARY


def test_the_largest_file_is_taken_and_no_larger_one(tmp_path: Path) -> None:
    """One byte more is refused, in a line that says the limit."""
    mib = 1024 * 1024
    assert len(uploads.read(made(tmp_path / "a", b"x" * mib), JANUARY, largest=mib).content) == mib

    with pytest.raises(OperatorError, match=r"--file .*/b: is larger than 1 MiB; split it"):
        uploads.read(made(tmp_path / "b", b"x" * (mib + 1)), JANUARY, largest=mib)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """Nothing, an empty file, a folder, and a pipe that nobody writes to, which must not block."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").touch()
    (tmp_path / "folder").mkdir()
    wrong = {
        "none": "cannot be read (No such file or directory)",
        "empty": "is empty, and shows nothing",
        "folder": "cannot be read (Is a directory)",
        "pipe": "is no plain file",
    }

    for name, message in wrong.items():
        with pytest.raises(OperatorError, match=re.escape(message)):
            uploads.read(tmp_path / name, JANUARY)


@pytest.mark.parametrize("name", ["a\x1b[2J", "é" * 101, "a\\b", "a\nb"])
def test_a_strange_name_is_refused(tmp_path: Path, name: str) -> None:
    """A name that rewrites a terminal or that another system reads as a folder has to be changed first."""
    with pytest.raises(OperatorError, match="rename the file"):
        uploads.read(made(tmp_path / name), JANUARY)


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    """Nobody could tell them apart."""
    (tmp_path / "b").mkdir()
    paths = [made(tmp_path / "a.pdf"), made(tmp_path / "b" / "a.pdf")]

    with pytest.raises(OperatorError, match=r"--file 'a.pdf': two files have this name"):
        uploads.read_all(paths, JANUARY)


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    """The limit itself is allowed."""
    paths = [made(tmp_path / f"{number}") for number in range(uploads.MOST + 1)]

    assert len(uploads.read_all(paths[1:], JANUARY)) == uploads.MOST
    with pytest.raises(OperatorError, match=f"{uploads.MOST + 1} files are more than {uploads.MOST}"):
        uploads.read_all(paths, JANUARY)


def named(name: str) -> tuple[Attached, bytes]:
    """A kept file."""
    file = Attachment(name, "", JANUARY, name.encode())
    return Attached.of(file), file.content


def test_files_are_written_where_they_should_be(tmp_path: Path) -> None:
    """Into a folder that is made for them, with a prefix that keeps options and hidden files apart, for us alone."""
    written = uploads.write(tmp_path / "a" / "b", "M-0001", [named("-rf"), named(".profile")])

    assert written == [tmp_path / "a" / "b" / "M-0001-1--rf", tmp_path / "a" / "b" / "M-0001-2-.profile"]
    assert [path.read_bytes() for path in written] == [b"-rf", b".profile"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}


@pytest.mark.parametrize("link", [False, True])
def test_nothing_is_replaced(tmp_path: Path, link: bool) -> None:
    """Neither a file nor what a link leads to."""
    victim, place = made(tmp_path / "victim"), tmp_path / "M-0001-1-a"
    if link:
        place.symlink_to(victim)
    else:
        made(place)

    with pytest.raises(OperatorError, match=r"M-0001-1-a: exists already"):
        uploads.write(tmp_path, "M-0001", [named("a")])
    assert victim.read_bytes() == b"seen"


def test_a_folder_that_is_none_is_one_line(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    with pytest.raises(OperatorError, match=r"--out .*: (exists already|cannot be written)"):
        uploads.write(made(tmp_path / "a"), "M-0001", [named("a")])


@pytest.mark.parametrize(
    ("content", "rules"),
    [
        (b"nothing here", ()),
        (b"password = correct-horse", ("assigned-secret",)),
        (b"x" * 4090 + b" ghp_" + b"a" * 40, ("github-token",)),
        (b"\xff password = correct-horse", ()),
    ],
)
def test_secrets_are_named_by_rule(content: bytes, rules: tuple[str, ...]) -> None:
    """In texts only, and also where two pieces of the search meet."""
    assert uploads.secrets(Attachment("a", "", 0, content)) == rules


def test_the_uploader_is_the_system_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a name from the environment; a number where the account has none."""
    monkeypatch.setenv("USER", "somebody-else")
    monkeypatch.setenv("LOGNAME", "somebody-else")
    named_ = uploads.uploader()
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_001)

    assert named_ != "somebody-else"
    assert uploads.uploader() == "uid 4000000001"
