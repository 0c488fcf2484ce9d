"""Files that belong to a statement: their exact bytes by hash, and the list that the statement keeps of them.

A statement that comes with files names them in its body under `files`.  Files and statement are written in one
transaction, so that no statement can ever name a file that was not kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection

from storage import blobs, canon, ledger
from storage.engine import Store
from storage.errors import IntegrityError

FILES = "files"
"""Field of a statement's body that lists its files."""
MEDIA = "application/octet-stream"
"""Media type of the kept bytes: nothing is claimed about what people hand in."""
LONGEST_NAME = 200
"""Bytes of the longest file name, which leaves room for a prefix on every file system."""

_HASH = re.compile(r"[0-9a-f]{64}")
_NUMBERS = ("bytes", "modified")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to be kept."""

    name: str
    """Bare name, without a folder."""
    media: str
    """What the name's ending says that it holds."""
    modified: int
    """When the file system saw its last change, in microseconds since the epoch, UTC."""
    content: bytes


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as a statement names it."""

    name: str
    media: str
    modified: int
    bytes: int
    sha256: str
    """Hexadecimal digits."""

    @classmethod
    def of(cls, file: Attachment) -> Attached:
        """How a statement names this file."""
        return cls(file.name, file.media, file.modified, len(file.content), canon.sha256(file.content).hex())


def append(store: Store, kind: str, said: Mapping[str, object], files: Sequence[Attachment]) -> int:
    """Put a statement and its files on record; return the entry's position.

    Raises NotEncodable when `said` has no canonical form, StoreError when a file is longer than the store takes.
    """
    body = canon.canonical({**said, FILES: [asdict(Attached.of(file)) for file in files]})
    packer = blobs.Packer()
    packed, contents = packer.pack(body), [packer.pack(file.content) for file in files]
    with store.write() as conn:
        blobs.put(conn, contents, MEDIA)
        blobs.put(conn, [packed])
        return ledger.append(conn, store.now(), "statement", {"kind": kind, "body_sha": packed.sha256.hex()})


def attached(said: Mapping[str, object]) -> tuple[Attached, ...]:
    """The files that a statement's body names; none when it has no such list.  Raises ValueError if it is malformed."""
    listed = said.get(FILES, [])
    if not isinstance(listed, list):
        raise ValueError(f"has no list in {FILES}")  # noqa: TRY004  # the body is wrong, not the call
    return tuple(_attached(one) for one in listed)


def contents(conn: Connection, files: Sequence[Attached]) -> list[bytes]:
    """The bytes of these files, each hashed anew.  Raises IntegrityError for one that is lost or damaged."""
    digests = [bytes.fromhex(file.sha256) for file in files]
    bids = blobs.find(conn, digests)
    for file, digest in zip(files, digests, strict=True):
        if digest not in bids:
            raise IntegrityError(f"the file {file.name!r} is not kept: no blob has the hash {file.sha256}")
    kept = blobs.load(conn, bids.values())
    return [kept[bids[digest]] for digest in digests]


def plain_name(name: str) -> bool:
    """Whether this is the bare, printable name of a file, which leads into no other folder."""
    return (
        name not in ("", ".", "..")
        and name.isprintable()
        and not set(name) & set("/\\")
        and len(name.encode(errors="replace")) <= LONGEST_NAME
    )


def _attached(listed: object) -> Attached:
    """One file of the list."""
    if not isinstance(listed, dict) or listed.keys() != set(Attached.__slots__):
        raise ValueError(f"names a file in {FILES} without exactly {', '.join(Attached.__slots__)}")
    for name, value in listed.items():
        wanted = int if name in _NUMBERS else str
        if type(value) is not wanted:
            raise ValueError(f"names a file whose {name} is {value!r}")
    file = Attached(**listed)
    if not plain_name(file.name):
        raise ValueError(f"names a file {file.name!r}, which is no bare name")
    if not _HASH.fullmatch(file.sha256):
        raise ValueError(f"names a file by {file.sha256!r}, which is not a SHA-256")
    return file
