"""What earlier runs kept, made whole again: the documents of a moment, and the reading that a run judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

import orjson
from sqlalchemy import Connection

from agent import record
from agent.judge import Reading
from collectors.api import Document
from collectors.volatile import join
from storage import reads
from storage.errors import StoreError
from storage.rows import Key, RunRow, Target

Unseen: TypeAlias = list[tuple[str, str, str | None]]
"""(kind, region, uid) of documents that a run left as they were without having read them; uid None: all."""

Volatile: TypeAlias = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Fields that change by themselves, as one run read them: by kind, uid and path."""


def unseen(before: Collection[Key], read: Collection[Key], gone: Callable[[Key], bool]) -> Unseen:
    """The documents in force that a run neither read nor found gone, as its record names them.

    Without these names nobody could tell later which documents a verdict rested on.  A kind of which nothing was
    read in a region is named once, so that a listing that stays denied costs one line a run.
    """
    left = [key for key in before if key not in read and not gone(key)]
    whole = Counter((key.kind, key.region) for key in before)
    whole.subtract(Counter((key.kind, key.region) for key in left))
    some = {(key.kind, key.region) for key in read}
    return sorted(
        {
            (key.kind, key.region, None if not whole[place] and place not in some else key.uid)
            for key in left
            for place in [(key.kind, key.region)]
        },
        key=lambda each: (each[0], each[1], each[2] or ""),
    )


def was_read(left: Unseen) -> Callable[[Key], bool]:
    """Tells of the documents in force after a run whether it had read them; `left` is what `unseen` named."""
    named = set(left)

    def read(key: Key) -> bool:
        return named.isdisjoint({(key.kind, key.region, None), (key.kind, key.region, key.uid)})

    return read


def run_at(conn: Connection, who: Target, time: int | None) -> RunRow | None:
    """The newest run of a target recorded at or before a time, or at all; None before the first."""
    if time is None:
        return reads.last_run(conn, who)
    seq = reads.seq_at(conn, time)
    known = [] if seq is None else [run for run in reads.runs(conn, who) if run.seq <= seq]
    return known[-1] if known else None


def volatile_of(conn: Connection, run: RunRow) -> Volatile:
    """The volatile readings of a run."""
    found: Volatile = orjson.loads(reads.volatile_at(conn, run.target, run.seq) or b"{}")
    return found


def document(content: bytes, volatile: Volatile) -> Document:
    """A document as it was answered, from its kept bytes and the volatile readings of a run."""
    kept = orjson.loads(content)
    taken = volatile.get(kept["kind"], {}).get(kept["uid"], {})
    redacted = tuple((path, rule) for path, rule in kept.get("redacted", ()))
    return Document(kept["kind"], kept["uid"], kept["region"], join(kept["body"], taken), redacted=redacted)


def reading_at(conn: Connection, run: RunRow) -> Reading:
    """What a run read, without the calls: exactly the documents that it had before it when it judged.

    Raises StoreError when the record does not tell which of the documents in force it had read, and IntegrityError
    when bytes disagree with their hash.
    """
    kept = orjson.loads(reads.run_record(conn, run.seq))
    identity, regions, page = record.read_back(kept)
    read = was_read([(kind, region, uid) for kind, region, uid in kept.get("unseen", ())])
    volatile = volatile_of(conn, run)
    for key, content in reads.documents_at(conn, run.target, run.seq):
        if read(key):
            page.documents.append(document(content, volatile))
    if len(page.documents) > run.documents:
        message = (
            f"ledger entry {run.seq}: {len(page.documents)} documents were in force and the run read "
            f"{run.documents}; its record does not name the others, so it cannot be judged again"
        )
        raise StoreError(message)
    return Reading(identity, regions, page)
