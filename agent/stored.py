"""What earlier runs kept, made whole again: the documents of a moment, and the reading that a run judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import orjson
from sqlalchemy import Connection

from agent import record
from agent.changes import Unseen
from agent.judge import Reading
from collectors.api import Document
from collectors.volatile import join
from storage import reads
from storage.errors import StoreError
from storage.rows import Key, RunRow, Target

Volatile: TypeAlias = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Fields that change by themselves, as one run read them: by kind, uid and path."""


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
    return None if seq is None else reads.last_run(conn, who, seq)


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
