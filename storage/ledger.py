"""The one append-only log: canonical entries, their Merkle nodes, signed checkpoints and anchors outside.

Writers hold the ledger (`Store.write`) from reading the head to their commit, so positions are dense and
there is one history only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select

from storage import canon, merkle, notes
from storage.engine import Store
from storage.errors import ClockWentBack, IntegrityError, StoreError, StoreUnreachable
from storage.tables import anchor, ledger, ledger_node
from storage.tables import checkpoint as checkpoint_table

CLOCK_SLACK = 1_000_000
"""Microseconds by which two machines' clocks may differ before it counts as going back."""

_ANCHOR_NAME = re.compile(r"checkpoint-(\d{12,})\.note")


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry."""

    seq: int
    recorded_at: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One ledger entry as kept; `entry` is the canonical JSON that is hashed and signed."""

    seq: int
    type: str
    target_id: int | None
    slot: int | None
    ref: int | None
    recorded_at: int
    entry: bytes
    leaf: bytes


def head(conn: Connection) -> Head | None:
    """Return the newest entry's position and time, or None in an empty ledger."""
    row = conn.execute(select(ledger.c.seq, ledger.c.recorded_at).order_by(ledger.c.seq.desc()).limit(1)).first()
    return None if row is None else Head(row.seq, row.recorded_at)


def append(  # noqa: PLR0913 - an entry has this many parts
    conn: Connection,
    now: int,
    kind: str,
    fields: Mapping[str, object],
    *,
    target_id: int | None = None,
    slot: int | None = None,
    ref: int | None = None,
) -> int:
    """Add one entry inside the caller's transaction, which holds the ledger; return its position.

    `now` must have been read while the ledger was held.  ClockWentBack when it lies before the newest entry;
    within `CLOCK_SLACK` the newest entry's time is used again, so recorded times never go backwards.
    """
    last = head(conn)
    seq = 0 if last is None else last.seq + 1
    if last is not None and now < last.recorded_at:
        if now < last.recorded_at - CLOCK_SLACK:
            raise ClockWentBack(now, last.recorded_at)
        now = last.recorded_at
    body = {**fields, "seq": seq, "type": kind, "recorded_at": now}
    if slot is not None:
        body["slot"] = slot
    if ref is not None:
        body["start"] = ref
    entry = canon.canonical(body)
    leaf = merkle.leaf_hash(entry)
    completed = merkle.append(node_reader(conn), seq, leaf)
    conn.execute(
        ledger.insert(),
        {
            "seq": seq,
            "type": kind,
            "target_id": target_id,
            "slot": slot,
            "ref": ref,
            "recorded_at": now,
            "entry": entry,
            "leaf": leaf,
        },
    )
    if completed:
        conn.execute(
            ledger_node.insert(),
            [{"level": level, "idx": i, "hash": digest} for level, i, digest in completed],
        )
    return seq


def size(conn: Connection) -> int:
    """Number of entries."""
    last = head(conn)
    return 0 if last is None else last.seq + 1


def entries(conn: Connection, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
    """Entries from position `start` up to, but without, `stop`."""
    query = select(
        ledger.c.seq,
        ledger.c.type,
        ledger.c.target_id,
        ledger.c.slot,
        ledger.c.ref,
        ledger.c.recorded_at,
        ledger.c.entry,
        ledger.c.leaf,
    ).where(ledger.c.seq >= start)
    if stop is not None:
        query = query.where(ledger.c.seq < stop)
    for row in conn.execute(query.order_by(ledger.c.seq)):
        yield Entry(*row)


def node_reader(conn: Connection) -> merkle.Node:
    """Read complete subtrees from the tables, for roots and proofs."""

    def node(level: int, index: int) -> bytes:
        """Hash of one complete subtree; IntegrityError when its row is missing."""
        if level == 0:
            found = conn.scalar(select(ledger.c.leaf).where(ledger.c.seq == index))
        else:
            where = (ledger_node.c.level == level) & (ledger_node.c.idx == index)
            found = conn.scalar(select(ledger_node.c.hash).where(where))
        if found is None:
            raise IntegrityError(f"ledger: the hash of node {level}/{index} is missing")
        return bytes(found)

    return node


def root(conn: Connection, entries_counted: int | None = None) -> bytes:
    """Root over the first entries, or over all of them."""
    return merkle.root(node_reader(conn), size(conn) if entries_counted is None else entries_counted)


def checkpoint(store: Store, signer: notes.Signer, origin: str) -> str:
    """Sign size and root of the ledger as it is, keep the note and return it.

    The kept one if there is one already.

    IntegrityError when the ledger no longer begins with what the last checkpoint signed: never sign a fork.
    """
    with store.write() as conn:
        count = size(conn)
        last = newest_checkpoint(conn)
        if last is not None:
            _refuse_fork(conn, notes.parse(last).checkpoint, "the last checkpoint in the database")
            if notes.parse(last).checkpoint.size == count:
                return last
        note = notes.sign(origin, count, root(conn, count), signer)
        conn.execute(checkpoint_table.insert(), {"size": count, "note": note, "created_at": store.now()})
        return note


def newest_checkpoint(conn: Connection) -> str | None:
    """Return the newest note, or None."""
    newest = select(checkpoint_table.c.note).order_by(checkpoint_table.c.size.desc()).limit(1)
    found: str | None = conn.scalar(newest)
    return found


def checkpoints(conn: Connection) -> list[str]:
    """Return every kept note, oldest first."""
    return list(conn.scalars(select(checkpoint_table.c.note).order_by(checkpoint_table.c.size)))


def anchor_file(store: Store, note: str, folder: Path) -> Path:
    """Write a kept checkpoint as a file, whole or not at all, and record that; return the file's path."""
    count = notes.parse(note).checkpoint.size
    path = folder / f"checkpoint-{count:012}.note"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}")
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise StoreUnreachable(f"{path}: the anchor cannot be written ({error.strerror})") from error
    record_anchor(store, count, "file", str(path))
    return path


def record_anchor(store: Store, count: int, kind: str, place: str, receipt: bytes | None = None) -> None:
    """Note once that the checkpoint of this size was put somewhere else, with the receipt given there."""
    with store.write() as conn:
        same = (anchor.c.size == count) & (anchor.c.kind == kind) & (anchor.c.place == place)
        if conn.scalar(select(func.count()).select_from(anchor).where(same)):
            return
        row = {"size": count, "kind": kind, "place": place, "receipt": receipt, "at": store.now()}
        conn.execute(anchor.insert(), row)


def refuse_if_rolled_back(conn: Connection, folder: Path, verifier_key: str | None = None) -> None:
    """Compare the ledger with the newest note in `folder`.

    IntegrityError when it is shorter or says otherwise.

    This is how a restored backup shows: appending to it would start a second history.  With `verifier_key`
    the note must also carry that key's signature.
    """
    newest = newest_anchor(folder)
    if newest is None:
        return
    try:
        text = newest.read_text(encoding="utf-8")
        said = notes.verify(text, verifier_key) if verifier_key else notes.parse(text).checkpoint
    except (OSError, UnicodeDecodeError, StoreError) as error:
        raise IntegrityError(f"{newest}: the anchor cannot be trusted ({error})") from error
    _refuse_fork(conn, said, str(newest))


def newest_anchor(folder: Path) -> Path | None:
    """Return the note of the largest size among the files of a folder, or None."""
    if not folder.is_dir():
        return None
    found = [(int(match[1]), path) for path in folder.iterdir() if (match := _ANCHOR_NAME.fullmatch(path.name))]
    return max(found)[1] if found else None


def _refuse_fork(conn: Connection, said: notes.Checkpoint, where: str) -> None:
    """IntegrityError unless the ledger begins with exactly what a checkpoint says."""
    count = size(conn)
    if count < said.size:
        raise IntegrityError(
            f"the ledger has {count} entries, but {where} speaks of {said.size}: entries are lost or an "
            "older copy was restored"
        )
    if root(conn, said.size) != said.root:
        raise IntegrityError(
            f"the ledger has {count} entries and the first {said.size} differ from {where}: history changed"
        )
