"""Everything that ever changed about one resource: its documents and the verdicts about it, run by run."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import orjson
from sqlalchemy import Connection, select

from agent import clock, standing
from agent.errors import OperatorError
from storage import blobs, reads
from storage.engine import Store
from storage.rows import ChangeRow, Target, VersionRow
from storage.tables import resource

FEW = 5
"""How many resources of one name are listed for the reader to choose from."""


@dataclass(frozen=True, slots=True)
class DocumentStep:
    """One change of one document."""

    kind: str
    change: str
    """`new`, `changed`, `gone`, or `back` after it was gone."""
    id: str
    """First digits of the SHA-256 of the new bytes; empty when gone."""
    paths: tuple[str, ...]
    """Top-level fields that are not what they were."""


@dataclass(frozen=True, slots=True)
class VerdictStep:
    """One change of one verdict; an outcome of None stands for no verdict."""

    check: str
    before: str | None
    after: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """What one run found changed."""

    target: Target
    seq: int
    at: int
    """When the run was recorded, in microseconds."""
    documents: list[DocumentStep] = field(default_factory=list)
    verdicts: list[VerdictStep] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "target": self.target.name,
            "cloud": self.target.cloud,
            "account": self.target.account,
            "entry": self.seq,
            "recorded": clock.iso(self.at),
            "documents": [
                {"kind": step.kind, "change": step.change, "id": step.id, "paths": list(step.paths)}
                for step in self.documents
            ],
            "verdicts": [
                {"check": step.check, "before": step.before, "after": step.after, "reason": step.reason}
                for step in self.verdicts
            ],
        }


def timeline(store: Store, wanted: str) -> tuple[str, list[Step]]:
    """The uid that `wanted` stands for, itself or a name that only one resource has, and its runs, oldest first.

    Raises OperatorError for a name that nothing has, or several things have.
    """
    with store.read() as conn:
        uid = _uid(conn, wanted)
        steps: dict[int, Step] = {}
        _documents(conn, reads.document_history(conn, uid), steps)
        _verdicts(reads.result_history(conn, uid), steps)
    return uid, [steps[seq] for seq in sorted(steps)]


def _uid(conn: Connection, wanted: str) -> str:
    # Names have no index, so they are searched only for what is no uid.
    if conn.scalar(select(resource.c.rid).where(resource.c.uid == wanted).limit(1)) is not None:
        return wanted
    uids = sorted(conn.scalars(select(resource.c.uid).where(resource.c.name == wanted).distinct()))
    if len(uids) > 1:
        more = f" and {len(uids) - FEW} more" if len(uids) > FEW else ""
        message = (
            f"{wanted!r} is the name of {len(uids)} resources; say which: {', '.join(map(repr, uids[:FEW]))}{more}"
        )
        raise OperatorError(message)
    if not uids:
        known = {name for row in conn.execute(select(resource.c.uid, resource.c.name)) for name in row}
        near = get_close_matches(wanted, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "; `proofkeep findings` lists what is"
        message = f"nothing called {wanted!r} is in the store{hint}"
        raise OperatorError(message)
    return str(uids[0])


def _documents(conn: Connection, history: list[VersionRow], steps: dict[int, Step]) -> None:
    newest: dict[tuple[Target, str], bytes | None] = {}
    # All at once: a document that changed a hundred times would otherwise ask a hundred times.
    bids = blobs.find(conn, {row.sha256 for row in history if row.sha256}) if len(history) > 1 else {}
    loaded = blobs.load(conn, bids.values())
    contents = {digest: loaded[bid] for digest, bid in bids.items()}
    for row in history:
        place = row.target, row.key.kind
        known, before = place in newest, newest.get(place)
        newest[place] = row.sha256
        digest = row.sha256.hex()[: standing.EVIDENCE_DIGITS] if row.sha256 else ""
        if row.sha256 is None:
            change = "gone"
        elif before is None:
            change = "back" if known else "new"
        else:
            change = "changed"
        paths = _changed(contents[before], contents[row.sha256]) if before and row.sha256 else ()
        step = steps.setdefault(row.seq, Step(row.target, row.seq, row.at))
        step.documents.append(DocumentStep(row.key.kind, change, digest, paths))


def _changed(before: bytes, after: bytes) -> tuple[str, ...]:
    """Top-level fields that differ between two versions of a document."""
    old, new = (orjson.loads(content)["body"] for content in (before, after))
    missing = object()
    return tuple(sorted(key for key in old.keys() | new.keys() if old.get(key, missing) != new.get(key, missing)))


def _verdicts(history: list[ChangeRow], steps: dict[int, Step]) -> None:
    newest: dict[tuple[Target, str, str], str | None] = {}
    for row in history:
        place = row.target, row.check_id, row.subject.kind
        before = newest.get(place)
        newest[place] = row.outcome.value if row.outcome else None
        reason = orjson.loads(row.detail)["reason"] if row.detail else "the resource is gone"
        step = steps.setdefault(row.seq, Step(row.target, row.seq, row.at))
        step.verdicts.append(VerdictStep(row.check_id, before, newest[place], reason))
