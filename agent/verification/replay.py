"""Lives through every run again: the state after it, and all else that its ledger entry commits to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Table

from agent.verification.contents import Contents
from agent.verification.inspection import Inspection
from agent.verification.log import Log, Run
from agent.verification.maps import StateMap
from agent.verification.names import Known, Names
from agent.verification.records import GAP_FIELDS, counted, gap_rows_digest, line, tallies_of
from storage import blobs
from storage.canon import sha256
from storage.identity import result_key, result_value
from storage.state import GONE
from storage.tables import OUTCOMES, gap, result, version

EXCLUDED = "EXCLUDED_BY_CONFIG"
"""Reason of the gaps that the company chose: they leave a run complete."""

_NO_GAPS = gap_rows_digest(())


@dataclass(slots=True)
class Standing:
    """One verdict in force."""

    seq: int
    since: int
    outcome: int
    detail_bid: int
    key: bytes
    """Key in the result map."""


@dataclass(slots=True)
class Stretch:
    """Runs in a row whose root differs."""

    first: int
    last: int
    runs: int


@dataclass(slots=True)
class TargetState:
    """State of one target after its newest replayed run."""

    documents: StateMap = field(default_factory=StateMap)
    results: StateMap = field(default_factory=StateMap)
    counts: dict[int, list[int]] = field(default_factory=dict)
    """By check: verdicts in force by outcome number."""
    lines: dict[int, str] = field(default_factory=dict)
    tally: bytes = counted(())
    broken: dict[str, Stretch] = field(default_factory=dict)
    """By name of the root: the stretch of runs that is still going on."""


@dataclass(slots=True)
class State:
    """What is in force at the end, for comparison with the caches."""

    targets: dict[int, TargetState] = field(default_factory=dict)
    heads: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    """By resource: position and SHA-256 of the version in force."""
    verdicts: dict[tuple[int, int], Standing] = field(default_factory=dict)
    """By check and resource."""


class _Stream:
    """Rows of one table in ledger order, taken run by run; rows that belong to no run are strays."""

    def __init__(self, found: Iterator[Any], stray: Callable[[Any], None]) -> None:
        self._rows = found
        self._next = next(found, None)
        self._stray = stray
        self.taken = 0

    def at(self, seq: int) -> list[Any]:
        """Rows of this run; every earlier one is a stray."""
        taken = []
        while self._next is not None and self._next[0] <= seq:
            if self._next[0] == seq:
                taken.append(self._next)
            else:
                self._stray(self._next)
            self._next = next(self._rows, None)
        self.taken += len(taken)
        return taken

    def finish(self) -> None:
        """Every row left is a stray."""
        while self._next is not None:
            self._stray(self._next)
            self._next = next(self._rows, None)


class Replay:
    """The replay of one store."""

    def __init__(self, inspection: Inspection, names: Names, log: Log, contents: Contents) -> None:
        """Start before the first run."""
        self.inspection = inspection
        self.names = names
        self.log = log
        self.contents = contents
        self.state = State()
        self.versions = self.results = self.gaps = 0
        self._seen: set[int] = set()
        self._run_seqs = {run.seq for run in log.runs}

    def run_all(self) -> State:
        """Replay every run in order and return the state at the end."""
        total = len(self.log.runs)
        versions = self._stream(version, ("seq", "rid", "bid"), "seq, rid")
        results = self._stream(result, ("seq", "chk", "rid", "outcome", "detail_bid"), "seq, chk, rid")
        gaps = self._stream(gap, ("seq", "n", *GAP_FIELDS), "seq, n")
        for done, run in enumerate(self.log.runs):
            self._run(run, versions.at(run.seq), results.at(run.seq), gaps.at(run.seq))
            if not done % 50:
                self.inspection.progress("runs", done, total)
        for stream in (versions, results, gaps):
            stream.finish()
        self.versions, self.results, self.gaps = versions.taken, results.taken, gaps.taken
        self.inspection.progress("runs", total, total)
        self._leftovers()
        return self.state

    def _stream(self, table: Table, columns: tuple[str, ...], order: str) -> _Stream:
        """Rows of a table in ledger order."""

        def stray(row: Any) -> None:
            """Say what a row without a run is about."""
            self.inspection.add(self._place(table, row), self._why_stray(row[0]))

        return _Stream(self.inspection.rows(table, columns, order), stray)

    def _place(self, table: Table, row: Any) -> str:
        """A row as findings name it."""
        about = f"{table.name} at entry {row[0]}"
        if table is version:
            about += f", {self.names.resource(row[1])}"
        elif table is result:
            about += f", {self.names.check(row[1])} on {self.names.resource(row[2])}"
        return about

    def _why_stray(self, seq: int) -> str:
        """Why nothing may hang on this position."""
        if seq > self.log.head:
            return f"newer than the head of the ledger, which is entry {self.log.head}"
        return "no run is in the ledger at this entry"

    def _run(self, run: Run, versions: list[Any], results: list[Any], gaps: list[Any]) -> None:
        """Replay one run and compare it with its entry."""
        state = self.state.targets.setdefault(run.target_id or 0, TargetState())
        documents = self._documents(run, versions)
        verdicts = self._verdicts(run, state, results)
        if documents:
            state.documents.change(documents)
        if verdicts:
            state.results.change(verdicts)
            state.tally = counted(state.lines.values())
        beat = self.contents.heartbeats.get(run.seq)
        if run.said is None:
            return
        where = self._where(run)
        self._count(where, run.said, "changes", len(versions), "document versions")
        self._count(where, run.said, "result_changes", len(results), "results")
        self._count(where, run.said, "gaps", len(gaps), "gaps")
        self._change_root(where, run.said, "change_root", documents)
        self._change_root(where, run.said, "result_change_root", verdicts)
        self._state_root(run, state, "state_root", state.documents.root())
        self._state_root(run, state, "result_root", state.results.root())
        self._gaps(where, run.said, gaps, beat)
        if beat is None:
            self.inspection.add(f"heartbeat of {where}", "it is missing: nothing tells which checks ran")
        else:
            self._heartbeat(where, run.said, beat, state)
        readings = self.contents.volatile.get(run.seq)
        if readings is None:
            self.inspection.add(f"volatile of {where}", "the run's volatile readings are missing")
        elif readings.hex() != run.said["volatile_sha"]:
            self.inspection.add(f"volatile of {where}", "the entry has another volatile_sha")

    def _where(self, run: Run) -> str:
        """A run as findings name it."""
        return f"run {run.seq} of {self.names.target(run.target_id)}"

    def _owned(self, run: Run, table: Table, row: Any, rid: int) -> Known | None:
        """The resource of a row, which must be one of the run's target."""
        known = self.names.resources.get(rid)
        if known is None:
            self.inspection.add(self._place(table, row), "there is no such resource")
        elif known.target_id != run.target_id:
            self.inspection.add(
                self._place(table, row), f"the run is about {self.names.target(run.target_id)}, the resource is not"
            )
            return None
        elif rid not in self._seen:
            self._seen.add(rid)
            if known.first_seq != run.seq:
                self.inspection.add(
                    f"resource {rid}", f"{known} is first seen in entry {run.seq}, not in {known.first_seq}"
                )
        return known

    def _kept(self, where: str, bid: int) -> bytes | None:
        """SHA-256 of a content that a row refers to."""
        if bid in self.contents.damaged:
            self.inspection.add(where, f"it rests on blob {bid}, which is not what was recorded")
        digest = self.contents.hashes.get(bid)
        if digest is None:
            self.inspection.add(where, f"it refers to blob {bid}, which is missing")
        return digest

    def _documents(self, run: Run, versions: list[Any]) -> dict[bytes, bytes | None]:
        """Apply the versions of a run; return the changes of the map."""
        changes: dict[bytes, bytes | None] = {}
        hashes, damaged = self.contents.hashes, self.contents.damaged
        for row in versions:
            seq, rid, bid = row
            known = self._owned(run, version, row, rid)
            if known is None:
                continue
            if bid is None:
                self.state.heads.pop(rid, None)
                changes[known.key_hash] = None
                continue
            digest = hashes.get(bid)
            if digest is None or bid in damaged:
                self._kept(self._place(version, row), bid)
            if digest is not None:
                self.state.heads[rid] = (seq, digest)
                changes[known.key_hash] = digest
        return changes

    def _verdicts(self, run: Run, state: TargetState, results: list[Any]) -> dict[bytes, bytes | None]:
        """Apply the results of a run; return the changes of the map."""
        changes: dict[bytes, bytes | None] = {}
        touched = set()
        for row in results:
            changed = self._verdict(run, state, row)
            if changed is not None:
                touched.add(row[1])
                changes[changed[0]] = changed[1]
        for chk in touched:
            if any(state.counts[chk]):
                state.lines[chk] = line(self.names.checks[chk], state.counts[chk])
            else:
                state.lines.pop(chk, None)
        return changes

    def _verdict(self, run: Run, state: TargetState, row: Any) -> tuple[bytes, bytes | None] | None:
        """Apply one result; return the key that it changes in the map, and the new value."""
        seq, chk, rid, outcome, detail_bid = row
        known, check_id = self._owned(run, result, row, rid), self.names.checks.get(chk)
        if check_id is None:
            self.inspection.add(self._place(result, row), "there is no such check")
        if known is None or check_id is None:
            return None
        before = self.state.verdicts.pop((chk, rid), None)
        key = result_key(check_id, known.key_hash) if before is None else before.key
        counts = state.counts.setdefault(chk, [0] * len(OUTCOMES))
        if before is not None:
            counts[before.outcome - 1] -= 1
        if outcome is None or detail_bid is None:
            return key, None
        detail = self.contents.hashes.get(detail_bid)
        if detail is None or detail_bid in self.contents.damaged:
            self._kept(self._place(result, row), detail_bid)
        if outcome not in OUTCOMES:
            self.inspection.add(self._place(result, row), f"outcome {outcome} is unknown")
            return key, None
        if detail is None:
            return key, None
        since = before.since if before is not None and before.outcome == outcome else seq
        self.state.verdicts[chk, rid] = Standing(seq, since, outcome, detail_bid, key)
        counts[outcome - 1] += 1
        return key, result_value(outcome, detail)

    def _count(self, where: str, said: Mapping[str, Any], name: str, number: int, of: str) -> None:
        """A run counts what it added."""
        if said[name] != number:
            self.inspection.add(where, f"the entry counts {said[name]} {of}, {number} are kept")

    def _change_root(
        self, where: str, said: Mapping[str, Any], name: str, changes: Mapping[bytes, bytes | None]
    ) -> None:
        """Hash of all that changed."""
        root = sha256(b"".join(key + (value or GONE) for key, value in sorted(changes.items())))
        if root.hex() != said[name]:
            self.inspection.add(where, f"{name} differs: not what this run changed")

    def _state_root(self, run: Run, state: TargetState, name: str, root: bytes) -> None:
        """Root of all that was in force.

        A fault goes on until the row at fault is replaced, so stretches of runs are told.
        """
        said = run.said or {}
        broken = state.broken.get(name)
        if root.hex() == said[name]:
            if broken is not None:
                self._tell(run.target_id, name, state.broken.pop(name))
        elif broken is None:
            state.broken[name] = Stretch(run.seq, run.seq, 1)
        else:
            broken.last, broken.runs = run.seq, broken.runs + 1

    def _tell(self, target_id: int | None, name: str, stretch: Stretch) -> None:
        """Report a stretch of runs with a wrong root."""
        self.inspection.add(
            f"run {stretch.first} of {self.names.target(target_id)}",
            f"{name} differs from what was in force, in {stretch.runs} runs up to entry {stretch.last}",
        )

    def _gaps(self, where: str, said: Mapping[str, Any], gaps: list[Any], beat: tuple[int, int] | None) -> None:
        """The rows of the gap table are the gaps of the run's record, and the entry commits to them."""
        digest = _NO_GAPS
        if gaps:
            digest = gap_rows_digest(dict(zip(GAP_FIELDS, row[2:], strict=True)) for row in gaps)
            if [row[1] for row in gaps] != list(range(len(gaps))):
                self.inspection.add(f"gap of {where}", "the rows are not numbered in order")
        if digest is None or digest.hex() != said["gaps_sha"]:
            self.inspection.add(f"gap of {where}", "gaps_sha differs: not the gaps of this run")
        if beat is not None and beat[1] in self.contents.gaps and self.contents.gaps[beat[1]] != digest:
            self.inspection.add(f"gap of {where}", "the run's record lists other gaps")
        missing = any(row[2] != EXCLUDED for row in gaps)
        if missing != (said["status"] == "partial"):
            self.inspection.add(where, f"its status is {said['status']}, which does not fit its {len(gaps)} gaps")

    def _heartbeat(self, where: str, said: Mapping[str, Any], beat: tuple[int, int], state: TargetState) -> None:
        """Manifest and record are the ones of the entry, and the manifest counts what is in force."""
        for name, bid in zip(("manifest", "record"), beat, strict=True):
            digest = self._kept(f"heartbeat of {where}, {name}", bid)
            if digest is not None and digest.hex() != said[f"{name}_sha"]:
                self.inspection.add(f"heartbeat of {where}", f"the entry has another {name}_sha")
        manifest = beat[0]
        if manifest in self.contents.tallies and self.contents.tallies[manifest] != state.tally:
            checks = ", ".join(self._miscounted(manifest, state)) or "it is malformed"
            self.inspection.add(f"heartbeat of {where}", f"the manifest does not count the verdicts in force: {checks}")

    def _miscounted(self, manifest: int, state: TargetState) -> list[str]:
        """Checks whose counts in a manifest are not those of the verdicts in force."""
        said = tallies_of(orjson.loads(blobs.load(self.inspection.conn, [manifest])[manifest]))
        held = {self.names.check(chk): tuple(each) for chk, each in state.counts.items() if any(each)}
        return [] if said is None else sorted({check for check, _ in said.items() ^ held.items()})

    def _leftovers(self) -> None:
        """What no run of the ledger accounts for."""
        for target_id, state in self.state.targets.items():
            for name, stretch in state.broken.items():
                self._tell(target_id, name, stretch)
        beats: Iterable[int] = self.contents.heartbeats.keys() - self._run_seqs
        for seq in sorted(beats):
            self.inspection.add(f"heartbeat at entry {seq}", self._why_stray(seq))
        for seq in sorted(self.contents.volatile.keys() - self._run_seqs):
            self.inspection.add(f"volatile at entry {seq}", self._why_stray(seq))
        for rid in sorted(self.names.resources.keys() - self._seen):
            self.inspection.add(
                f"resource {rid}",
                f"{self.names.resources[rid]} has neither a document nor a verdict in any run",
            )
