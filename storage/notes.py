"""Checkpoints as C2SP signed notes with Ed25519, so that any transparency-log tool can verify them.

The text is `origin`, `size`, base64 `root`, an empty line and signature lines `— name base64(key id ||
signature)` (C2SP tlog-checkpoint and signed-note).  Extension lines are neither written nor accepted.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from storage.errors import KeyFileUnsafe, NoteInvalid

_ED25519 = b"\x01"
_KEY_ID_LENGTH = 4
_ROOT_LENGTH = 32
_DASH = "\u2014 "
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_BODY_LINES = 3
_MAX_SIGNATURES = 16


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a note says: the log `origin` had `size` entries with this root."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed note.  Nothing in it may be believed before `verify` accepted it."""

    checkpoint: Checkpoint
    body: bytes
    """The signed text, with its last newline."""
    signatures: tuple[tuple[str, bytes, bytes], ...]
    """(key name, key id, signature)."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key under the name that stands before its signatures."""

    name: str
    key: Ed25519PrivateKey

    def verifier_key(self) -> str:
        """Return the public half as `name+keyid+base64`, the form that other tools take."""
        return encode_verifier_key(self.name, self.key.public_key())


def key_id(name: str, public: bytes) -> bytes:
    """First four bytes of SHA-256 over name, newline, algorithm byte and public key (C2SP signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:_KEY_ID_LENGTH]


def encode_verifier_key(name: str, key: Ed25519PublicKey) -> str:
    """Public key as one line of text."""
    _check_name(name)
    public = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(_ED25519 + public).decode()}"


def decode_verifier_key(text: str) -> tuple[str, bytes, Ed25519PublicKey]:
    """(name, key id, public key) of one line; NoteInvalid when a part does not fit the others."""
    # The base64 part may hold plus signs of its own.
    parts = text.strip().split("+", 2)
    try:
        name, claimed, encoded = parts
        raw = base64.b64decode(encoded, validate=True)
        public = Ed25519PublicKey.from_public_bytes(raw[1:])
    except (ValueError, binascii.Error) as error:
        raise NoteInvalid("verifier key is not of the form name+keyid+base64") from error
    _check_name(name)
    if raw[:1] != _ED25519 or key_id(name, raw[1:]).hex() != claimed:
        raise NoteInvalid(f"verifier key of {name}: key id does not belong to the key")
    return name, key_id(name, raw[1:]), public


def sign(origin: str, size: int, root: bytes, signer: Signer) -> str:
    """Write and sign the note for a log of `size` entries with this 32-byte root."""
    _check_name(signer.name)
    if not origin or "\n" in origin or size < 0 or len(root) != _ROOT_LENGTH:
        raise NoteInvalid(f"no checkpoint can be written for origin {origin!r} and size {size}")
    body = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    public = signer.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    signature = key_id(signer.name, public) + signer.key.sign(body.encode())
    return f"{body}\n{_DASH}{signer.name} {base64.b64encode(signature).decode()}\n"


def parse(text: str) -> Note:
    """Take a note apart without verifying it; NoteInvalid names what is malformed."""
    body, separator, tail = text.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise NoteInvalid("note has no signature block")
    lines = body.split("\n")
    if len(lines) != _BODY_LINES or not lines[0]:
        raise NoteInvalid("note must hold exactly origin, size and root")
    origin, size, encoded = lines
    root = _base64(encoded, "root")
    if not _NUMBER.fullmatch(size) or len(root) != _ROOT_LENGTH:
        raise NoteInvalid("note holds no valid size and root")
    signatures = tuple(_signature(line) for line in tail[:-1].split("\n"))
    if len(signatures) > _MAX_SIGNATURES:
        raise NoteInvalid(f"note carries more than {_MAX_SIGNATURES} signatures")
    return Note(Checkpoint(origin, int(size), root), f"{body}\n".encode(), signatures)


def verify(text: str, verifier_key: str, origin: str | None = None) -> Checkpoint:
    """Return what the note says once this key has signed it, and only this log when `origin` is given.

    Signatures by other keys are ignored, as the format demands; a wrong signature by this key is an error.
    """
    note = parse(text)
    name, identity, public = decode_verifier_key(verifier_key)
    mine = [raw for who, which, raw in note.signatures if who == name and which == identity]
    if not mine:
        raise NoteInvalid(f"no signature by {name}+{identity.hex()}")
    for raw in mine:
        try:
            public.verify(raw, note.body)
        except InvalidSignature as error:
            raise NoteInvalid(f"signature by {name}+{identity.hex()} does not fit the text") from error
    if origin is not None and note.checkpoint.origin != origin:
        raise NoteInvalid(f"note is about log {note.checkpoint.origin!r}, not {origin!r}")
    return note.checkpoint


def open_key(path: Path, name: str) -> Signer:
    """Read the private key (PEM, PKCS #8), creating file and key on first use with mode 0600.

    KeyFileUnsafe when group or others may read the file, or when it holds no Ed25519 key.
    """
    _check_name(name)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_key(path, name)
    key = Ed25519PrivateKey.generate()
    with os.fdopen(handle, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        os.fsync(file.fileno())
    return Signer(name, key)


def _read_key(path: Path, name: str) -> Signer:
    """Load an existing key file after looking at its mode through the same open file."""
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode) or mode & 0o077:
            raise KeyFileUnsafe(f"{path} can be read by others (mode {mode & 0o777:04o}); run: chmod 600 {path}")
        pem = file.read()
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyFileUnsafe(f"{path} holds no readable private key in PEM form") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileUnsafe(f"{path} holds a key that is not Ed25519")
    return Signer(name, key)


def _check_name(name: str) -> None:
    """Key names are not empty and hold neither white space nor a plus sign (C2SP signed-note)."""
    if not name or "+" in name or any(c.isspace() for c in name):
        raise NoteInvalid(f"key name {name!r} is empty or holds white space or a plus sign")


def _signature(line: str) -> tuple[str, bytes, bytes]:
    """Split one signature line into (name, key id, signature)."""
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise NoteInvalid("note has a malformed signature line")
    _check_name(name)
    raw = _base64(encoded, "signature")
    if len(raw) <= _KEY_ID_LENGTH:
        raise NoteInvalid("note has a signature that is too short")
    return name, raw[:_KEY_ID_LENGTH], raw[_KEY_ID_LENGTH:]


def _base64(text: str, what: str) -> bytes:
    """Decode standard base64 that is also the only encoding of its bytes."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise NoteInvalid(f"note has a {what} that is not base64") from error
    if base64.b64encode(raw).decode() != text:
        raise NoteInvalid(f"note has a {what} that is not base64 in its only form")
    return raw
