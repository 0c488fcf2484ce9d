"""The way down from a verdict: facts, documents, the calls that answered them, ledger entries and checkpoints."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum
from typing import Any

import orjson
from sqlalchemy import Connection

from agent import changes, clock, standing, stored
from agent.errors import OperatorError
from agent.judge import shape
from agent.wiring import Wiring
from collectors.facts.core import DocumentRef, Fact, Unread
from storage import ledger, notes, reads
from storage.canon import sha256
from storage.engine import Store
from storage.errors import IntegrityError
from storage.rows import BlobRow, Key, ResultRow, RunRow, Target, VersionRow


@dataclass(frozen=True, slots=True)
class Sealed:
    """A run as the ledger holds it, and the first signed checkpoint that covers it."""

    seq: int
    recorded: int
    status: str
    leaf: str
    """SHA-256 of the entry's Merkle leaf, in hex."""
    checkpoint: int | None
    """Number of entries that the checkpoint covers; None while none covers this entry."""
    origin: str
    """Name of the log in that checkpoint."""

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        covered = None if self.checkpoint is None else {"origin": self.origin, "size": self.checkpoint}
        return {
            "entry": self.seq,
            "recorded": clock.iso(self.recorded),
            "status": self.status,
            "leaf": self.leaf,
            "checkpoint": covered,
        }


@dataclass(frozen=True, slots=True)
class Source:
    """A document that a verdict rests on, in the version that was in force, and how it came."""

    kind: str
    uid: str
    region: str
    sha256: str
    redacted: tuple[tuple[str, str], ...]
    """(path, rule) of each secret that was taken out before hashing."""
    volatile: tuple[str, ...]
    """Paths of the fields that change by themselves: they are kept with each run, apart from the document."""
    first: Sealed
    """The run that read this version first."""
    caller: str
    """Who asked, as the provider told."""
    call: Mapping[str, Any]
    """The operation that answered it, as the run's record has it."""

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "id": self.sha256[: standing.EVIDENCE_DIGITS],
            "kind": self.kind,
            "uid": self.uid,
            "region": self.region,
            "sha256": self.sha256,
            "redacted": [{"path": path, "rule": rule} for path, rule in self.redacted],
            "volatile": list(self.volatile),
            "first_seen": self.first.to_json(),
            "caller": self.caller,
            "call": {**self.call, "started": clock.iso(self.call["started"])},
        }


@dataclass(frozen=True, slots=True)
class Proof:
    """One verdict and everything below it."""

    finding: standing.Finding
    judged: Sealed
    """The newest run, at the moment asked for, that came to this verdict."""
    since: Sealed
    """The run from which the outcome holds without a break."""
    facts: tuple[Fact, ...]
    documents: tuple[Source, ...]

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "verdict": self.finding.to_json(),
            "judged": self.judged.to_json(),
            "since": self.since.to_json(),
            "facts": [
                {
                    "type": type(fact).__name__,
                    "resource": fact.resource.uid,
                    "fields": {name: plain(value) for name, value in values(fact)},
                }
                for fact in self.facts
            ],
            "documents": [source.to_json() for source in self.documents],
        }


def pin(store: Store, as_of: int | None) -> int:
    """The moment to ask about, so that no run sealed meanwhile comes between two questions.  Raises OperatorError."""
    with store.read() as conn:
        head = ledger.head(conn)
    if head is None:
        message = f"{store.where}: the ledger is empty; run `proofkeep collect` first"
        raise OperatorError(message)
    return head.recorded_at if as_of is None else as_of


def proofs(store: Store, wiring: Wiring, found: Iterable[standing.Finding], as_of: int) -> Iterator[Proof]:
    """What each of the findings rests on; `found` are findings as of the same moment.  Raises StoreError."""
    wanted = list(found)
    with store.read() as conn:
        chain = _Chain(conn)
        rows = {
            (row.target.cloud, row.target.name, row.check_id, row.subject): row
            for row in reads.results_at(conn, time=as_of)
        }
        moments: dict[Target, _Moment] = {}
        for finding in wanted:
            subject = Key(finding.resource_type, finding.resource)
            row = rows[finding.cloud, finding.target, finding.check, subject]
            moment = moments.get(row.target)
            if moment is None:
                moment = moments[row.target] = _moment(conn, row.target, wiring, as_of)
            yield _proof(chain, wiring, finding, row, moment)


@dataclass(frozen=True, slots=True)
class Readings:
    """The volatile fields of one document as one run read them."""

    target: str
    seq: int
    sha256: str
    """SHA-256 of all volatile readings of that run, as its ledger entry has it."""
    values: Mapping[str, Any]
    """By path; `*` is the whole body."""


def show(store: Store, digits: str, as_of: int | None = None) -> tuple[BlobRow, list[Readings]]:
    """The one kept content whose SHA-256 begins with these digits, hashed anew, and its volatile readings.

    The readings are those of the newest run, or of the newest at `as_of`.  Raises StoreError, IntegrityError.
    """
    with store.read() as conn:
        kept = reads.blob_by_sha(conn, digits)
        if sha256(kept.content) != kept.sha256:
            message = f"the bytes kept under {kept.sha256.hex()} have the hash {sha256(kept.content).hex()}"
            raise IntegrityError(message)
        return kept, list(_readings(conn, kept, as_of))


def _readings(conn: Connection, kept: BlobRow, as_of: int | None) -> Iterator[Readings]:
    """The volatile fields that belong to a content, when it is a document."""
    try:
        said = orjson.loads(kept.content)
    except orjson.JSONDecodeError:
        said = None  # a file that somebody handed in
    if not isinstance(said, dict) or not said.keys() >= {"account", "kind", "uid"}:
        return
    for who in reads.targets(conn):
        run = stored.run_at(conn, who, as_of) if who.account == said["account"] else None
        if run is not None:
            found = stored.volatile_of(conn, run).get(said["kind"], {}).get(said["uid"])
            if found is not None:
                digest = _entry(conn, run.seq)["volatile_sha"]
                yield Readings(who.name, run.seq, digest, found)


def values(fact: Fact) -> Iterator[tuple[str, Any]]:
    """Every field of a fact beside its resource and its documents."""
    for item in fields(fact):
        if item.name not in {"resource", "documents"}:
            yield item.name, getattr(fact, item.name)


def plain(value: Any) -> Any:
    """A field's value as JSON has it; one that was not read is an object with the key `unread`."""
    match value:
        case Unread():
            return {
                "unread": value.reason.value,
                "operation": value.operation,
                "permission": value.permission,
                "error": value.error,
            }
        case datetime():
            return clock.iso(clock.from_datetime(value))
        case Enum():
            return value.value
        case tuple():
            return [plain(each) for each in value]
        case _:
            return value


@dataclass(frozen=True, slots=True)
class _Moment:
    """One target at the moment asked for."""

    run: RunRow
    facts: tuple[Fact, ...]
    volatile: stored.Volatile


def _moment(conn: Connection, who: Target, wiring: Wiring, as_of: int) -> _Moment:
    run = stored.run_at(conn, who, as_of)
    if run is None:
        message = f"{who.name}: verdicts are in force, and no run that brought them is in the ledger"
        raise IntegrityError(message)
    reading = stored.reading_at(conn, run)
    facts = shape(reading, wiring.collectors_for(who.cloud)).facts
    return _Moment(run, facts, stored.volatile_of(conn, run))


def _proof(chain: _Chain, wiring: Wiring, finding: standing.Finding, row: ResultRow, moment: _Moment) -> Proof:
    refs = changes.documents_of(row.subject, orjson.loads(row.detail))
    check = wiring.checks.get(finding.check)
    needs = check.needs if check else ()
    facts = tuple(
        fact for fact in moment.facts if isinstance(fact, needs) and _concerns(fact, row.subject.uid, set(refs))
    )
    sources = tuple(chain.source(row.target, ref, moment) for ref in refs)
    return Proof(finding, chain.sealed(moment.run.seq), chain.sealed(row.since_seq), facts, sources)


def _concerns(fact: Fact, uid: str, refs: set[DocumentRef]) -> bool:
    """The fact is about the resource, or about another one whose own documents the verdict rests on."""
    own = fact.resource.uid
    return own == uid or any(ref.uid == own and ref in refs for ref in fact.documents)


def _entry(conn: Connection, seq: int) -> dict[str, Any]:
    """What the ledger entry at a position says."""
    (entry,) = ledger.entries(conn, seq, seq + 1)
    said: dict[str, Any] = orjson.loads(entry.entry)
    return said


class _Chain:
    """Looks up what many verdicts share: runs' records, ledger entries and checkpoints, each once."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        said = [notes.parse(note).checkpoint for note in ledger.checkpoints(conn)]
        self._sizes = [checkpoint.size for checkpoint in said]
        self._origins = [checkpoint.origin for checkpoint in said]
        self._sealed: dict[int, Sealed] = {}
        self._records: dict[int, dict[str, Any]] = {}
        self._histories: dict[str, list[VersionRow]] = {}

    def sealed(self, seq: int) -> Sealed:
        """The ledger entry at a position."""
        if seq not in self._sealed:
            (entry,) = ledger.entries(self._conn, seq, seq + 1)
            place = bisect_right(self._sizes, seq)
            covered = place < len(self._sizes)
            self._sealed[seq] = Sealed(
                seq,
                entry.recorded_at,
                orjson.loads(entry.entry)["status"],
                bytes(entry.leaf).hex(),
                self._sizes[place] if covered else None,
                self._origins[place] if covered else "",
            )
        return self._sealed[seq]

    def source(self, who: Target, ref: DocumentRef, moment: _Moment) -> Source:
        """The version of a document that was in force at the moment."""
        seq = moment.run.seq
        if ref.uid not in self._histories:
            self._histories[ref.uid] = reads.document_history(self._conn, ref.uid)
        versions = [
            version
            for version in self._histories[ref.uid]
            if version.target == who and version.key.kind == ref.kind and version.seq <= seq
        ]
        if not versions or versions[-1].sha256 is None:
            message = f"{ref.kind} {ref.uid!r}: a verdict rests on it, and it is not in force at ledger entry {seq}"
            raise IntegrityError(message)
        first, digest = versions[-1].seq, versions[-1].sha256.hex()
        record = self._record(first)
        number = next(number for kind, uid, number in record["changed"] if (kind, uid) == (ref.kind, ref.uid))
        return Source(
            ref.kind,
            ref.uid,
            versions[-1].key.region,
            digest,
            tuple((path, rule) for kind, uid, path, rule in record["redacted"] if (kind, uid) == (ref.kind, ref.uid)),
            tuple(sorted(moment.volatile.get(ref.kind, {}).get(ref.uid, {}))),
            self.sealed(first),
            record["identity"]["caller"],
            next(call for call in record["calls"] if call["number"] == number),
        )

    def _record(self, seq: int) -> dict[str, Any]:
        if seq not in self._records:
            self._records[seq] = orjson.loads(reads.run_record(self._conn, seq))
        return self._records[seq]
