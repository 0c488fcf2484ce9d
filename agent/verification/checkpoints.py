"""Signed checkpoints, kept in the database or held outside, against the roots that the entries have."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from agent.verification.inspection import Inspection, moment
from agent.verification.log import Log
from agent.verification.names import Names
from storage import notes
from storage.errors import NoteInvalid
from storage.ledger import CLOCK_SLACK
from storage.tables import anchor, checkpoint

UNSIGNED_RUNS = 1
"""Runs of one target that may follow the newest checkpoint: each ends with one, the last may lack it yet."""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key that signs checkpoints."""

    text: str
    name: str
    id: bytes
    public: Ed25519PublicKey = field(compare=False)

    @classmethod
    def of(cls, text: str) -> Key:
        """Take a verifier key apart; NoteInvalid when it is malformed."""
        return cls(text.strip(), *notes.decode_verifier_key(text))

    def signed(self, note: notes.Note) -> bool:
        """Whether the note carries a signature by this key, and every one under its name fits."""
        mine = [raw for name, identity, raw in note.signatures if (name, identity) == (self.name, self.id)]
        try:
            for raw in mine:
                self.public.verify(raw, note.body)
        except InvalidSignature:
            return False
        return bool(mine)


@dataclass(frozen=True, slots=True)
class Stored:
    """One checkpoint of the database."""

    size: int
    note: notes.Note
    created_at: int


@dataclass(frozen=True, slots=True)
class Outside:
    """One checkpoint that somebody else kept."""

    where: str
    note: notes.Note


@dataclass(frozen=True, slots=True)
class Held:
    """Every checkpoint there is to compare with."""

    stored: Sequence[Stored]
    outside: Sequence[Outside]

    def sizes(self) -> set[int]:
        """Sizes whose roots are needed."""
        notes_held = [one.note for one in self.stored] + [one.note for one in self.outside]
        return {note.checkpoint.size for note in notes_held}


def read_stored(inspection: Inspection) -> list[Stored]:
    """Read the notes of the database, oldest first."""
    found = []
    for size, text, created_at in inspection.rows(checkpoint, ("size", "note", "created_at"), "size"):
        where = f"checkpoint {size}"
        try:
            note = notes.parse(text)
        except NoteInvalid as error:
            inspection.add(where, str(error))
            continue
        if note.checkpoint.size != size:
            inspection.add(where, f"the note speaks of {note.checkpoint.size} entries")
        found.append(Stored(size, note, created_at))
    known = {one.size for one in found}
    for size, kind, place in inspection.rows(anchor, ("size", "kind", "place"), "size, kind, place"):
        if size not in known:
            inspection.add(f"anchor {kind} {place}", f"the checkpoint of {size} entries that it holds is not here")
    return found


def read_outside(inspection: Inspection, texts: Sequence[str]) -> list[Outside]:
    """Take the given notes apart."""
    found = []
    for number, text in enumerate(texts, 1):
        where = f"external checkpoint {number}"
        try:
            found.append(Outside(where, notes.parse(text)))
        except NoteInvalid as error:
            inspection.add(where, str(error))
    return found


def check_checkpoints(inspection: Inspection, names: Names, log: Log, notes_held: Held, pinned: Sequence[Key]) -> None:
    """Compare sizes, roots, origins and signatures, and see that the head is covered."""
    stored, outside = notes_held.stored, notes_held.outside
    announced = list(_announced(inspection, log))
    origin = stored[0].note.checkpoint.origin if stored else None
    for done, one in enumerate(stored):
        where = f"checkpoint {one.size}"
        _compare(inspection, where, one.note.checkpoint, log, origin)
        _signature(inspection, where, one.note, _in_force(announced, one.size), pinned)
        _time(inspection, where, one, log)
        if not done % 200:
            inspection.progress("checkpoints", done, len(stored))
    for held in outside:
        said = held.note.checkpoint
        _compare(inspection, held.where, said, log, origin)
        _signature(inspection, held.where, held.note, _in_force(announced, said.size), pinned)
    inspection.progress("checkpoints", len(stored), len(stored))
    _cover(inspection, names, log, max((one.size for one in stored), default=0))


def _announced(inspection: Inspection, log: Log) -> Iterator[tuple[int, Key]]:
    """Keys that the ledger announces, with their positions."""
    for seq, text in log.keys:
        try:
            yield seq, Key.of(text)
        except NoteInvalid as error:
            inspection.add(f"ledger entry {seq}", str(error))


def _in_force(announced: Sequence[tuple[int, Key]], size: int) -> Sequence[Key]:
    """Keys that may sign a checkpoint of this size: the newest one announced in it.

    A checkpoint that ends with that very announcement may be signed by the key before, which hands over.
    """
    at = bisect_left(announced, size, key=lambda one: one[0])
    if not at:
        return ()
    handover = at > 1 and announced[at - 1][0] == size - 1
    return [key for _, key in announced[at - 2 if handover else at - 1 : at]]


def _compare(inspection: Inspection, where: str, said: notes.Checkpoint, log: Log, origin: str | None) -> None:
    """The ledger begins with exactly the entries that a checkpoint speaks of."""
    kind = "external checkpoint" if where.startswith("external") else "checkpoint"
    if origin is not None and said.origin != origin:
        inspection.add(where, f"it is about the log {said.origin!r}, not about {origin!r}")
    if said.size > log.size:
        inspection.add(where, f"ledger shorter than {kind}: it has {log.size} entries instead of {said.size}")
    elif log.roots[said.size] != said.root:
        inspection.add(where, f"root differs from {kind}: the first {said.size} entries are not the ones signed")


def _signature(
    inspection: Inspection, where: str, note: notes.Note, announced: Sequence[Key], pinned: Sequence[Key]
) -> None:
    """A key of the ledger has signed, and a pinned one where any is given."""
    signed = {key.text for key in {*announced, *pinned} if key.signed(note)}
    if not announced:
        inspection.add(where, "no entry before it announces a key")
    elif not any(key.text in signed for key in announced):
        inspection.add(where, "no valid signature by the key that the ledger announces for it")
    if pinned and not any(key.text in signed for key in pinned):
        inspection.add(where, "no valid signature by a pinned key")


def _time(inspection: Inspection, where: str, one: Stored, log: Log) -> None:
    """A checkpoint was made after the last entry in it and before the next one."""
    if not 0 < one.size <= log.size:
        return
    early = log.recorded[one.size - 1] - CLOCK_SLACK
    late = log.recorded[one.size] + CLOCK_SLACK if one.size < log.size else one.created_at
    if not early <= one.created_at <= late:
        inspection.add(where, f"its time, {moment(one.created_at)}, is not between the entries that it lies between")


def _cover(inspection: Inspection, names: Names, log: Log, size: int) -> None:
    """Each run ends with a checkpoint, so that no more than the last one can be without."""
    bare: dict[int | None, list[int]] = defaultdict(list)
    for run in log.runs:
        if run.seq >= size:
            bare[run.target_id].append(run.seq)
    for target_id, seqs in bare.items():
        if len(seqs) > UNSIGNED_RUNS:
            inspection.add(
                f"checkpoint of {names.target(target_id)}",
                f"no fresh checkpoint for the head: the newest one covers {size} entries, and {len(seqs)} "
                f"runs, from entry {seqs[0]} to {seqs[-1]}, came after it",
            )
