"""Statements with files: written together or not at all, each content once."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from storage import attachments, canon, reads
from storage.attachments import MEDIA, Attached, Attachment
from storage.engine import Store
from storage.errors import ClockWentBack, IntegrityError
from storage.tables import blob
from tests.conftest import Clock

FILE = Attachment("a.bin", "application/pdf", 5, b"\x00\xff" * 500)


def count(store: Store) -> int:
    """Contents that are kept."""
    with store.read() as conn:
        return int(conn.scalar(select(func.count()).select_from(blob)) or 0)


def test_a_statement_and_its_files(store: Store) -> None:
    """The body names each file by hash, length, name, date and type; the bytes come back in the order asked for."""
    other = Attachment("b.bin", "", 6, b"other")
    seq = attachments.append(store, "attestation", {"form": 1}, [FILE, other])

    with store.read() as conn:
        (row,) = reads.statements(conn, {"attestation"})
        kept = attachments.contents(conn, [Attached.of(other), Attached.of(FILE)])
        media = reads.blob_by_sha(conn, Attached.of(FILE).sha256).media
    assert row.seq == seq
    assert attachments.attached(canon.parse_canonical(row.body)) == (Attached.of(FILE), Attached.of(other))
    assert (kept, media) == ([other.content, FILE.content], MEDIA)


def test_equal_files_are_kept_once(store: Store) -> None:
    """Two statements with one file: two bodies and one content."""
    attachments.append(store, "attestation", {"form": 1, "n": 1}, [FILE])
    attachments.append(store, "attestation", {"form": 1, "n": 2}, [FILE, FILE])

    assert count(store) == 3


def test_a_statement_that_fails_leaves_no_file(store: Store, clock: Clock) -> None:
    """The clock went back: neither entry nor content is there."""
    attachments.append(store, "attestation", {"form": 1}, [])
    clock.advance(-86400)

    with pytest.raises(ClockWentBack):
        attachments.append(store, "attestation", {"form": 2}, [FILE])
    assert count(store) == 1


def test_a_file_that_is_not_kept_is_named(store: Store) -> None:
    """By name and hash."""
    with store.read() as conn, pytest.raises(IntegrityError, match=r"the file 'a.bin' is not kept: no blob has"):
        attachments.contents(conn, [Attached.of(FILE)])


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("review.pdf", True),
        ("-rf", True),
        (".profile", True),
        ("é" * 100, True),
        ("é" * 101, False),
        ("", False),
        (".", False),
        ("..", False),
        ("a/b", False),
        ("a\\b", False),
        ("a\x00", False),
        ("a\u202eb", False),
    ],
)
def test_which_names_lead_nowhere_else(name: str, plain: bool) -> None:
    """Bare, printable, short enough for a prefix."""
    assert attachments.plain_name(name) is plain
