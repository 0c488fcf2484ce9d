"""Signs the ledger as it stands and keeps the checkpoint outside the database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agent.config import Settings
from storage import ledger, notes, seal
from storage.engine import Store


@dataclass(frozen=True, slots=True)
class Anchored:
    """A signed checkpoint and where it was written."""

    note: str
    file: Path
    verifier_key: str


def refuse_rollback(store: Store, settings: Settings) -> None:
    """Stop before anything is added to a database that is older than its own newest anchor.

    A restored backup, or a deleted tail, would otherwise grow into a second history.  Raises IntegrityError.
    """
    with store.read() as conn:
        ledger.refuse_if_rolled_back(conn, settings.anchor_folder())


def anchor(store: Store, settings: Settings) -> Anchored:
    """Sign the head, store the note, and write it to the anchor folder.  The key is made on first use."""
    origin = settings.integrity.origin
    signer = notes.open_key(settings.integrity.key_file, origin)
    seal.append_key(store, signer.verifier_key())
    note = ledger.checkpoint(store, signer, origin)
    return Anchored(note, ledger.anchor_file(store, note, settings.anchor_folder()), signer.verifier_key())
