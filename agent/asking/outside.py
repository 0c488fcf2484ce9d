"""What a checkpoint that somebody kept elsewhere proves about an answer, from its signature down to the verdict.

1. The checkpoint is signed, and the ledger begins with exactly the entries that it speaks of, hashed anew.
2. Each entry that the answer rests on is one of those, or lies after them.
3. Each run among them commits to the very documents, verdicts, gaps and records that are kept, hashed anew.
4. The verdicts come out again when the kept documents are judged again.

Nothing else of the store is looked at; `proofkeep verify` looks at all of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection

from agent.evidence import Proof
from agent.replay import judge_again
from agent.verification.checkpoints import Held, Key, check_checkpoints, read_outside, read_stored
from agent.verification.inspection import Inspection
from agent.verification.log import read_log
from agent.verification.names import read_names
from agent.wiring import Wiring
from storage import identity, ledger, merkle, notes, reads, seal
from storage.canon import sha256
from storage.engine import Store
from storage.errors import IntegrityError, NoteInvalid, StoreError
from storage.rows import Key as Subject
from storage.rows import RunRow, Target
from storage.tables import OUTCOME_NUMBERS


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was checked."""

    name: str
    said: str
    """What was found when nothing is wrong."""
    faults: tuple[str, ...]
    """Everything that disagrees; empty when nothing does."""

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {"step": self.name, "ok": not self.faults, "said": self.said, "faults": list(self.faults)}


@dataclass(frozen=True, slots=True)
class Inclusion:
    """One entry that the checkpoint covers, with the path by which anybody can tell."""

    entry: int
    leaf: str
    path: tuple[str, ...]
    """Siblings up to the root, lowest first (RFC 9162, 2.1.3); hexadecimal digits, as all hashes here."""

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {"entry": self.entry, "leaf": self.leaf, "path": list(self.path)}


@dataclass(frozen=True, slots=True)
class Outside:
    """What was proven from outside the database."""

    size: int
    """Entries that the newest of the checkpoints covers; 0 without one."""
    root: str
    entries: int
    """Entries of the ledger now."""
    included: tuple[Inclusion, ...]
    later: tuple[int, ...]
    """Entries that lie after it: they rest on the database and its key alone."""
    steps: tuple[Step, ...]
    judged_again: Step
    """Apart from the others: a difference there may come from code that changed, and is no sign of tampering."""

    @property
    def intact(self) -> bool:
        """Whether everything that is kept is what was signed."""
        return not any(step.faults for step in self.steps)

    @property
    def verified(self) -> bool:
        """Whether nothing at all disagrees."""
        return self.intact and not self.judged_again.faults

    def line(self) -> str:
        """The outcome in one line."""
        if not self.verified:
            faults = [fault for step in (*self.steps, self.judged_again) for fault in step.faults]
            more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
            return f"NOT verified: {faults[0]}{more}"
        if not self.size:
            return "verified against the key; bring a checkpoint that somebody else kept, which no owner can rewrite"
        if self.later:
            which = ", ".join(map(str, self.later))
            return f"verified; entries after the checkpoint rest on the database and its key alone: {which}"
        return f"verified: every entry that the answer rests on is among the {self.size} that the checkpoint covers"

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "verified": self.verified,
            "intact": self.intact,
            "line": self.line(),
            "checkpoint": {"size": self.size, "root": self.root} if self.size else None,
            "ledger_entries": self.entries,
            "included": [each.to_json() for each in self.included],
            "later": list(self.later),
            "steps": [step.to_json() for step in (*self.steps, self.judged_again)],
        }


def prove(
    store: Store,
    wiring: Wiring,
    proofs: Sequence[Proof],
    entries: Iterable[int],
    *,
    pubkeys: Sequence[str] = (),
    checkpoints: Sequence[str] = (),
) -> Outside:
    """Check proofs, and the ledger `entries` that the answer rests on beside theirs, against what comes from outside.

    `pubkeys` are verifier keys and `checkpoints` the texts of signed notes.  Raises NoteInvalid for a malformed key.
    """
    pinned = [Key.of(given) for given in pubkeys]
    newest = max((each for each in map(_said, checkpoints) if each), key=lambda each: each.size, default=None)
    used = sorted({*entries, *(seq for proof in proofs for seq in _entries(proof))})
    with store.read() as conn:
        steps = list(_log(conn, pinned, checkpoints))
        covered = newest if newest is not None and newest.size <= ledger.size(conn) else None
        included, fault = _included(conn, used, covered)
        later = tuple(seq for seq in used if covered is None or seq >= covered.size)
        said = f"{len(included)} of the {len(used)} entries that the answer rests on are covered"
        steps.append(Step("entries", said, fault))
        runs = {run.seq: run for run in _runs(conn, proofs)}
        steps += [_kept(conn, proofs, runs), _documents(conn, proofs)]
        judged = _judged_again(conn, wiring, proofs, runs)
        return Outside(
            newest.size if newest else 0,
            newest.root.hex() if newest else "",
            ledger.size(conn),
            included,
            later,
            tuple(steps),
            judged,
        )


def _said(note: str) -> notes.Checkpoint | None:
    """What a note says; None when it is malformed, which the first step tells."""
    try:
        return notes.parse(note).checkpoint
    except NoteInvalid:
        return None


def _entries(proof: Proof) -> Iterator[int]:
    yield from (proof.judged.seq, proof.since.seq, *(source.first.seq for source in proof.documents))


def _log(conn: Connection, pinned: Sequence[Key], texts: Sequence[str]) -> Iterator[Step]:
    """The whole ledger, entry by entry, against the checkpoints; signatures apart from roots."""
    inspection = Inspection(conn, lambda *_: None)
    names = inspection.attempt("identities", lambda: read_names(inspection))
    held = Held(
        inspection.attempt("checkpoint table", lambda: read_stored(inspection)) or (), read_outside(inspection, texts)
    )
    log = None if names is None else inspection.attempt("ledger", lambda: read_log(inspection, names, held.sizes()))
    if names is not None and log is not None:
        check_checkpoints(inspection, names, log, held, pinned)
    faults = [f"{each.where}: {each.what}" for each in inspection.findings()]
    signed = tuple(fault for fault in faults if "signature" in fault or "announces a key" in fault)
    by = (
        f"the given key ({', '.join(key.name for key in pinned)})"
        if pinned
        else "the key that the ledger announces; bring --pubkey"
    )
    yield Step("signature", f"{len(held.outside)} checkpoints from outside are signed by {by}", signed)
    size = log.size if log else 0
    roots = ", ".join(f"the first {one.note.checkpoint.size}" for one in held.outside) or "all"
    said = f"{size} entries hashed anew; {roots} have exactly the root that was signed"
    yield Step("ledger", said, tuple(fault for fault in faults if fault not in signed))


def _included(
    conn: Connection, used: Iterable[int], said: notes.Checkpoint | None
) -> tuple[tuple[Inclusion, ...], tuple[str, ...]]:
    """Each used entry that the checkpoint covers, proven anew from its bytes."""
    found, faults = [], []
    node = ledger.node_reader(conn)
    for seq in used if said is not None else ():
        if said is None or seq >= said.size:
            continue
        (entry,) = ledger.entries(conn, seq, seq + 1)
        leaf = merkle.leaf_hash(bytes(entry.entry))
        path = merkle.inclusion_proof(node, seq, said.size)
        if merkle.verify_inclusion(leaf, seq, said.size, path, said.root):
            found.append(Inclusion(seq, leaf.hex(), tuple(step.hex() for step in path)))
        else:
            faults.append(f"ledger entry {seq}: it is not among the {said.size} entries that the checkpoint covers")
    return tuple(found), tuple(faults)


def _runs(conn: Connection, proofs: Iterable[Proof]) -> Iterator[RunRow]:
    """The runs that judged."""
    for who, seq in sorted({(_target(proof), proof.judged.seq) for proof in proofs}, key=lambda each: each[1]):
        run = reads.last_run(conn, who, seq)
        if run is None or run.seq != seq:
            raise IntegrityError(f"ledger entry {seq}: it is no run of {who.name}")
        yield run


def _target(proof: Proof) -> Target:
    return Target(proof.finding.cloud, proof.finding.target, proof.finding.account)


def _kept(conn: Connection, proofs: Iterable[Proof], runs: dict[int, RunRow]) -> Step:
    """Each run's entry against what is kept of it."""
    faults: list[str] = []
    for run in runs.values():
        faults += _run_faults(conn, run)
    first = {source.first.seq for proof in proofs for source in proof.documents} - runs.keys()
    for seq in sorted(first):
        if sha256(reads.run_record(conn, seq)).hex() != _entry(conn, seq)["record_sha"]:
            faults.append(f"ledger entry {seq}: its record of calls is not the one that was sealed")
    said = (
        f"{len(runs)} runs that judged, and {len(first)} that read a document first, commit to the documents and "
        "verdicts in force, the gaps, readings and calls that are kept"
    )
    return Step("runs", said, tuple(faults))


def _run_faults(conn: Connection, run: RunRow) -> Iterator[str]:
    """What a run's entry commits to and is kept otherwise."""
    said, who = _entry(conn, run.seq), run.target
    documents = {
        identity.key_hash(who, key): digest
        for key, digest in reads.document_digests(conn, who, _recorded(conn, run.seq)).items()
    }
    verdicts = {
        identity.result_key(row.check_id, identity.key_hash(who, row.subject)): identity.result_value(
            OUTCOME_NUMBERS[row.outcome], sha256(row.detail)
        )
        for row in reads.results_at(conn, seq=run.seq, who=who)
    }
    readings = reads.volatile_at(conn, who, run.seq) or b""
    at = _recorded(conn, run.seq)
    gaps = [each.gap for each in reads.gaps(conn, who, at, at + 1) if each.seq == run.seq]
    for name, what, found in (
        ("state_root", "the documents in force", merkle.MerkleMap.of(documents).root()),
        ("result_root", "the verdicts in force", merkle.MerkleMap.of(verdicts).root()),
        ("volatile_sha", "its readings of what changes by itself", sha256(readings)),
        ("record_sha", "its record of calls", sha256(reads.run_record(conn, run.seq))),
        ("manifest_sha", "its list of checks and thresholds", sha256(reads.manifest(conn, run.seq))),
        ("gaps_sha", "its gaps", seal.gaps_sha(gaps)),
    ):
        if found.hex() != said[name]:
            yield f"ledger entry {run.seq}: {what} are not what was sealed ({name} differs)"


def _documents(conn: Connection, proofs: Iterable[Proof]) -> Step:
    """The bytes of each document that a verdict rests on, hashed anew, and in force at that verdict."""
    sources = {(proof.judged.seq, source.sha256): (proof, source) for proof in proofs for source in proof.documents}
    faults = []
    in_force: dict[int, Collection[bytes]] = {}
    for (seq, digest), (proof, source) in sources.items():
        about = f"{source.kind} {source.uid}"
        try:
            found = sha256(reads.blob_by_sha(conn, digest).content).hex()
        except StoreError as error:
            faults.append(f"{about}: {error}")
            continue
        if found != digest:
            faults.append(f"{about}: its bytes have the hash {found} instead of {digest}")
        if seq not in in_force:
            at = proof.judged.recorded
            in_force[seq] = set(reads.document_digests(conn, _target(proof), at).values())
        if bytes.fromhex(digest) not in in_force[seq]:
            faults.append(f"{about}: {digest} was not in force at ledger entry {seq}")
    return Step("documents", f"{len({digest for _, digest in sources})} documents hashed anew", tuple(faults))


def _judged_again(conn: Connection, wiring: Wiring, proofs: Sequence[Proof], runs: dict[int, RunRow]) -> Step:
    """The verdicts, from the kept documents, with today's code and the thresholds of then."""
    faults: list[str] = []
    for seq, run in runs.items():
        mine = [proof.finding for proof in proofs if proof.judged.seq == seq]
        checks = {finding.check for finding in mine}
        try:
            again = judge_again(conn, wiring, run, checks)
        except StoreError as error:
            faults.append(f"ledger entry {seq}: {error}")
            continue
        now = {(each.check, each.subject): each for each in again.compared}
        for finding in mine:
            subject = Subject(finding.resource_type, finding.resource, finding.region, finding.name)
            each = now.get((finding.check, subject))
            if each is None or each.now is None or each.differs:
                outcome = each.now.outcome if each and each.now else "nothing"
                came = f"{finding.outcome} then, {outcome} now"
                if outcome == finding.outcome:
                    came = f"{outcome} both times, for another reason"
                why = "; the code of the check is not what it was" if finding.check in again.changed_code else ""
                faults.append(f"{finding.check} on {finding.resource}: {came}{why}")
    said = f"{len(proofs)} verdicts judged again from the kept documents, with the same outcome and reason"
    return Step("verdicts", said, tuple(faults))


def _entry(conn: Connection, seq: int) -> dict[str, Any]:
    (entry,) = ledger.entries(conn, seq, seq + 1)
    said: dict[str, Any] = orjson.loads(entry.entry)
    return said


def _recorded(conn: Connection, seq: int) -> int:
    (entry,) = ledger.entries(conn, seq, seq + 1)
    return entry.recorded_at
