"""Contents: kept once, compressed or patched, and never believed without their hash."""

from __future__ import annotations

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from storage import blobs, canon
from storage.blobs import PATCH, RAW, ZSTD, Packed, Packer, unpack
from storage.engine import Store
from storage.errors import IntegrityError, StoreError
from storage.tables import blob
from tests.storage.builders import document


def kept(store: Store, *packed: Packed) -> dict[bytes, int]:
    """Write contents in a transaction of their own."""
    with store.write() as conn:
        return blobs.put(conn, packed)


@given(st.binary(max_size=2000), st.binary(max_size=2000))
def test_packing_round_trips(content: bytes, base: bytes) -> None:
    """Any content comes back exactly, whatever it was packed against."""
    packed = Packer().pack(content, base)
    assert unpack("blob", packed, base if packed.codec == PATCH else None) == content


def test_the_shortest_form_is_kept() -> None:
    """Short contents stay as they are, long ones are compressed, similar ones are patches, noise stays noise."""
    packer = Packer()
    first, second = document("a", On=True), document("a", On=False)
    noise = bytes(canon.sha256(bytes([n]))[0] for n in range(250))
    assert [packer.pack(b"short").codec, packer.pack(first).codec, packer.pack(second, first).codec] == [
        RAW,
        ZSTD,
        PATCH,
    ]
    assert packer.pack(noise).codec == RAW
    assert packer.pack(first, noise).codec == ZSTD


def test_equal_contents_are_kept_once(store: Store) -> None:
    """The same content written twice, also within one batch, has one row."""
    packer = Packer()
    first = kept(store, packer.pack(b"same"), packer.pack(b"same"), packer.pack(b"other"))
    second = kept(store, packer.pack(b"same"))
    assert second.items() <= first.items()
    with store.read() as conn:
        assert conn.scalar(select(func.count()).select_from(blob)) == 2


def test_base_in_the_same_batch(store: Store) -> None:
    """A patch may come before its base in one batch."""
    packer = Packer()
    first, second = document("a", On=True), document("a", On=False)
    bids = kept(store, packer.pack(second, first), packer.pack(first))
    with store.read() as conn:
        assert blobs.load(conn, bids.values()) == {
            bids[canon.sha256(first)]: first,
            bids[canon.sha256(second)]: second,
        }


def test_patches_never_stand_on_patches(store: Store) -> None:
    """When the base was meanwhile kept as a patch by somebody else, the newcomer is packed without it."""
    packer = Packer()
    one, two, three = (document("a", Step=step) for step in range(3))
    mine = packer.pack(three, two)
    assert mine.codec == PATCH
    kept(store, packer.pack(one), packer.pack(two, one))

    bids = kept(store, packer.pack(two), mine)
    with store.read() as conn:
        assert blobs.load(conn, bids.values())[bids[canon.sha256(three)]] == three
        assert blobs.bases_of(conn, [bids[canon.sha256(two)]]) != {bids[canon.sha256(two)]: bids[canon.sha256(two)]}
        assert set(blobs.bases_of(conn, [bids[canon.sha256(three)]]).values()) == {bids[canon.sha256(three)]}


def test_many_contents_are_read_in_chunks(store: Store) -> None:
    """More contents than fit into one statement are written and read back."""
    packer = Packer()
    contents = {canon.sha256(b"%d" % n): b"%d" % n for n in range(blobs.CHUNK * 2 + 1)}
    bids = kept(store, *(packer.pack(content) for content in contents.values()))
    with store.read() as conn:
        found = blobs.load(conn, bids.values())
    assert {digest: found[bid] for digest, bid in bids.items()} == contents


def damaged(store: Store, change: str, **values: object) -> str:
    """What reading says after somebody changed a row behind the guards."""
    content = document("a")
    bids = kept(store, Packer().pack(content))
    with store.operate() as conn:
        if store.dialect == "sqlite":
            conn.execute(text("DROP TRIGGER blob_no_update"))
        else:
            conn.execute(text("ALTER TABLE blob DISABLE TRIGGER ALL"))
        conn.execute(text(f"UPDATE blob SET {change}"), values)  # noqa: S608 - the attack itself
    with store.read() as conn, pytest.raises(IntegrityError) as raised:
        blobs.load(conn, bids.values())
    assert canon.sha256(content).hex() in str(raised.value)
    return str(raised.value)


def test_changed_bytes_are_named(store: Store) -> None:
    """Bytes that belong to another content are found by their hash."""
    other = document("b", More=[1, 2, 3])[: len(document("a"))]
    assert "do not have this hash" in damaged(store, "codec = 0, data = :data", data=other)


def test_missing_bytes_are_named(store: Store) -> None:
    """Bytes set to NULL are missing, not empty."""
    assert "its bytes are missing" in damaged(store, "data = NULL")


def test_broken_frames_are_named(store: Store) -> None:
    """Compressed bytes that are no frame are damaged."""
    assert "are damaged" in damaged(store, "data = :data", data=b"no frame at all")


@pytest.mark.parametrize("with_size", [True, False])
def test_decompression_bombs_are_bounded(store: Store, with_size: bool) -> None:
    """A frame that would inflate far beyond the recorded length is refused before it is inflated."""
    bomb = zstandard.ZstdCompressor(write_content_size=with_size).compress(bytes(50_000_000))
    assert len(bomb) < 10_000
    said = damaged(store, "data = :data", data=bomb)
    assert "claim 50000000 bytes" in said if with_size else "are damaged" in said


def test_impossible_lengths_are_named(store: Store) -> None:
    """A recorded length beyond every limit is refused before memory is set aside for it."""
    assert "is impossible" in damaged(store, "raw_len = 9000000000000")


def test_missing_rows_are_named(store: Store) -> None:
    """A reference to a content that is not there is an integrity error."""
    with store.read() as conn, pytest.raises(IntegrityError, match="blob number 7: referred to but missing"):
        blobs.load(conn, [7])


def test_too_long_contents_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A content beyond the limit is refused when it is written, not found out when it is read."""
    monkeypatch.setattr(blobs, "MAX_LENGTH", 10)
    with pytest.raises(StoreError, match="longer than the store takes"):
        Packer().pack(b"eleven byte")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(contents=st.lists(st.binary(max_size=300), max_size=20))
def test_any_batch_reads_back(store: Store, contents: list[bytes]) -> None:
    """Any batch of contents, each packed against the first, reads back exactly from the database."""
    packer = Packer()
    base = contents[0] if contents else None
    bids = kept(store, *(packer.pack(content, base if n else None) for n, content in enumerate(contents)))
    with store.read() as conn:
        found = blobs.load(conn, bids.values())
    assert {found[bid] for bid in bids.values()} == set(contents)
