"""Signed notes: the format of the transparency-log tools, one key, one log, no doubt."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from storage import notes
from storage.errors import KeyFileUnsafe, NoteInvalid
from storage.notes import Checkpoint, Signer

# The example of golang.org/x/mod/sumdb/note, which the format was taken from.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

ROOT = bytes(range(32))


@pytest.fixture
def signer() -> Signer:
    """A key made for this test."""
    return Signer("proofkeep.example/prod", Ed25519PrivateKey.generate())


def test_published_key_and_signature() -> None:
    """Key id and signature of the published example are ours too."""
    name, identity, public = notes.decode_verifier_key(GO_KEY)
    assert (name, identity.hex()) == ("PeterNeumann", "c74f20a3")
    assert notes.encode_verifier_key(name, public) == GO_KEY
    body, _, tail = GO_NOTE.partition("\n\n")
    raw = base64.b64decode(tail.split(" ")[2])
    assert raw[:4] == identity
    public.verify(raw[4:], (body + "\n").encode())


def test_notes_round_trip(signer: Signer) -> None:
    """A signed note has exactly the lines of a checkpoint and says what was signed."""
    text = notes.sign("proofkeep.example/prod", 42, ROOT, signer)
    assert text.split("\n")[:4] == ["proofkeep.example/prod", "42", base64.b64encode(ROOT).decode(), ""]
    assert notes.verify(text, signer.verifier_key()) == Checkpoint("proofkeep.example/prod", 42, ROOT)
    assert notes.verify(text, signer.verifier_key(), "proofkeep.example/prod").size == 42
    with pytest.raises(NoteInvalid, match="not 'another'"):
        notes.verify(text, signer.verifier_key(), "another")


def test_every_changed_character_is_found(signer: Signer) -> None:
    """A note with any one character changed is refused."""
    text = notes.sign("log", 42, ROOT, signer)
    for at, character in enumerate(text):
        changed = text[:at] + ("A" if character != "A" else "B") + text[at + 1 :]
        with pytest.raises(NoteInvalid):
            notes.verify(changed, signer.verifier_key())


def test_foreign_signatures_are_ignored_and_not_enough(signer: Signer) -> None:
    """A cosignature by another key does no harm, and alone it proves nothing."""
    text = notes.sign("log", 1, ROOT, signer)
    other = Signer("witness.example", Ed25519PrivateKey.generate())
    foreign = notes.sign("log", 1, ROOT, other)
    both = text + foreign.split("\n\n")[1]
    assert notes.verify(both, signer.verifier_key()).size == 1
    assert notes.verify(both, other.verifier_key()).size == 1
    with pytest.raises(NoteInvalid, match="no signature by"):
        notes.verify(foreign, signer.verifier_key())


def test_same_name_with_another_key_is_refused(signer: Signer) -> None:
    """A signature under our name by somebody else's key is none of ours."""
    forged = notes.sign("log", 1, ROOT, Signer(signer.name, Ed25519PrivateKey.generate()))
    with pytest.raises(NoteInvalid, match="no signature by"):
        notes.verify(forged, signer.verifier_key())


@pytest.mark.parametrize(
    "text",
    [
        "", "log\n1\n", "log\n1\nAAAA\n\n— n AAAAAAAA\n",
        f"log\n01\n{base64.b64encode(ROOT).decode()}\n\n— n AAAAAAAA\n",
        f"log\n-1\n{base64.b64encode(ROOT).decode()}\n\n— n AAAAAAAA\n",
        f"log\n1\n{base64.b64encode(ROOT).decode()}\nextra line\n\n— n AAAAAAAA\n",
        f"\n1\n{base64.b64encode(ROOT).decode()}\n\n— n AAAAAAAA\n",
        f"log\n1\n{base64.b64encode(ROOT).decode()}\n\n",
        f"log\n1\n{base64.b64encode(ROOT).decode()}\n\n- n AAAAAAAA\n",
        f"log\n1\n{base64.b64encode(ROOT).decode()}\n\n— n AAAA\n",
        f"log\n1\n{base64.b64encode(ROOT).decode()}\n\n— n AAAAAAB=\n",
        f"log\n1\n{base64.b64encode(ROOT).decode()}\n\n" + "— n AAAAAAAA\n" * 17,
    ],
)  # fmt: skip
def test_malformed_notes_are_refused(text: str) -> None:
    """Missing parts, leading zeros, extra lines, other dashes and endless signatures are refused."""
    with pytest.raises(NoteInvalid):
        notes.parse(text)


@pytest.mark.parametrize("text", ["", "a+b", "log+00000000+AAAA", GO_KEY.replace("c74f", "c74e"), "a b" + GO_KEY])
def test_malformed_keys_are_refused(text: str) -> None:
    """A verifier key whose parts do not belong together is refused."""
    with pytest.raises(NoteInvalid):
        notes.decode_verifier_key(text)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\nbreak"])
def test_key_names_that_would_confuse_the_format_are_refused(name: str, tmp_path: Path) -> None:
    """A key name holds no white space and no plus sign."""
    with pytest.raises(NoteInvalid):
        notes.open_key(tmp_path / "key.pem", name)
    assert not (tmp_path / "key.pem").exists()


def test_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    """The key is made on first use for its owner only and is the same from then on."""
    path = tmp_path / "key.pem"
    first = notes.open_key(path, "log")
    assert path.stat().st_mode & 0o777 == 0o600
    assert notes.open_key(path, "log").verifier_key() == first.verifier_key()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """A key file open to group or others is refused with the command that mends it."""
    path = tmp_path / "key.pem"
    notes.open_key(path, "log")
    path.chmod(mode)
    with pytest.raises(KeyFileUnsafe, match=r"chmod 600 .*key\.pem"):
        notes.open_key(path, "log")


def test_key_file_without_an_ed25519_key_is_refused(tmp_path: Path) -> None:
    """Rubbish and keys of another kind are refused without showing their bytes."""
    path = tmp_path / "key.pem"
    path.touch(mode=0o600)
    path.write_bytes(b"rubbish")
    with pytest.raises(KeyFileUnsafe, match="no readable private key"):
        notes.open_key(path, "log")
    pem = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem)
    with pytest.raises(KeyFileUnsafe, match="not Ed25519"):
        notes.open_key(path, "log")
