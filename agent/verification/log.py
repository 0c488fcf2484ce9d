"""The ledger, entry by entry: positions, form, columns, times, runs and their ends, leaves and nodes."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.verification.entries import START_FIELDS, misshapen, parse
from agent.verification.inspection import Inspection, moment
from agent.verification.names import Names
from storage.ledger import CLOCK_SLACK
from storage.merkle import CompactRange, leaf_hash
from storage.tables import ledger, ledger_node

_ENDS = ("run", "abort")
_COLUMNS = ("seq", "type", "target_id", "slot", "ref", "recorded_at", "entry", "leaf")
_STATUSES = ("complete", "partial")


@dataclass(frozen=True, slots=True)
class Run:
    """One sealed run."""

    seq: int
    target_id: int | None
    slot: int | None
    start: int | None
    said: Mapping[str, Any] | None
    """The entry; None when it is malformed, so that nothing can be compared with it."""


@dataclass(slots=True)
class Log:
    """The ledger as recomputed."""

    size: int = 0
    head: int = -1
    """Position of the newest entry."""
    root: bytes = b""
    roots: dict[int, bytes] = field(default_factory=dict)
    """Root over the first so many entries, for each size that was asked for."""
    recorded: array[int] = field(default_factory=lambda: array("q"))
    """Time of each entry, in order."""
    runs: list[Run] = field(default_factory=list)
    settled: dict[int, set[int]] = field(default_factory=dict)
    """By target: the slots that a gap entry explains."""
    policies: list[tuple[int, str, str]] = field(default_factory=list)
    """(position, kind, SHA-256 of the body)."""
    stated: list[tuple[int, str, str]] = field(default_factory=list)
    """(position, kind, SHA-256 of the body)."""
    keys: list[tuple[int, str]] = field(default_factory=list)
    """(position, verifier key)."""
    aborted: list[tuple[int, int, str | None]] = field(default_factory=list)
    """(position, number of pages, SHA-256 of the pages)."""


@dataclass(slots=True)
class _Lives:
    """What has been seen of one target."""

    open_start: int | None = None
    last_run: int | None = None
    last_scheduled_slot: int | None = None
    slots: set[int] = field(default_factory=set)


class _Reader:
    """Goes through the ledger once."""

    def __init__(self, inspection: Inspection, names: Names) -> None:
        self.inspection = inspection
        self.names = names
        self.log = Log()
        self._lives: dict[int | None, _Lives] = {}
        self._starts: dict[int, Mapping[str, Any]] = {}
        self._ended: dict[int, int] = {}

    def entry(self, row: Any) -> None:
        """Check one entry against its row and against everything before it."""
        seq, kind, target_id, slot, ref, recorded_at, data, _ = row
        where = f"ledger entry {seq}"
        said, fault = parse(data)
        if fault:
            self.inspection.add(where, fault)
        wrong = "it cannot be read" if said is None else misshapen(kind, said)
        if said is None or wrong:
            self.inspection.add(where, f"as an entry of type {kind}: {wrong}")
            if kind == "run":
                self.log.runs.append(Run(seq, target_id, slot, ref, None))
            return
        self._columns(where, row, said)
        if kind == "policy":
            self.log.policies.append((seq, said["kind"], said["body_sha"]))
        elif kind == "statement":
            self.log.stated.append((seq, said["kind"], said["body_sha"]))
        elif kind == "key":
            self.log.keys.append((seq, said["verifier_key"]))
        elif kind == "gap":
            self.log.settled.setdefault(target_id, set()).add(slot)
        else:
            self._life(where, row, said, recorded_at)

    def _columns(self, where: str, row: Any, said: Mapping[str, Any]) -> None:
        """The columns beside an entry repeat it and say nothing of their own."""
        seq, kind, target_id, slot, ref, recorded_at, _, _ = row
        pairs = (
            ("seq", seq),
            ("type", kind),
            ("recorded_at", recorded_at),
            ("slot", slot),
            ("start", ref),
        )
        for name, column in pairs:
            if said.get(name) != column:
                self.inspection.add(where, f"the entry says {name} {said.get(name)!r}, its row says {column!r}")
        who = None if target_id is None else self.names.targets.get(target_id)
        about = None if who is None else {"cloud": who.cloud, "name": who.name, "account": who.account}
        if said.get("target") != about or (who is None) != (target_id is None):
            self.inspection.add(where, f"the entry is about {said.get('target')!r}, its row about {about!r}")

    def _life(self, where: str, row: Any, said: Mapping[str, Any], recorded_at: int) -> None:
        """Starts and ends of runs."""
        seq, kind, target_id, slot, ref, *_ = row
        life = self._lives.setdefault(target_id, _Lives())
        if kind == "run-start":
            if life.open_start is not None:
                self.inspection.add(
                    f"ledger entry {life.open_start}",
                    f"the run has no end, but entry {seq} begins another of {self.names.target(target_id)}",
                )
            if said["started"] > recorded_at + CLOCK_SLACK:
                self.inspection.add(where, "time goes backwards: recorded before the run started")
            life.open_start = seq
            self._starts[seq] = said
            return
        if life.open_start == ref:
            life.open_start = None
        begun = self._starts.get(ref)
        if ref in self._ended:
            self.inspection.add(where, f"the run of entry {ref} has ended already, in entry {self._ended[ref]}")
        elif begun is None:
            self.inspection.add(where, f"entry {ref} does not start a run")
        else:
            self._ended[ref] = seq
            self._as_begun(where, said, begun)
        if kind == "abort":
            self.log.aborted.append((seq, said["pages"], said["staging_sha"]))
            return
        self.log.runs.append(Run(seq, target_id, slot, ref, said))
        self._run(where, row, said, life)

    def _as_begun(self, where: str, said: Mapping[str, Any], begun: Mapping[str, Any]) -> None:
        """An end speaks about the run that its start announced."""
        for name in ("target", "slot", *(START_FIELDS if said["type"] == "run" else ("run_id",))):
            if said[name] != begun[name]:
                self.inspection.add(where, f"its {name} is not the one that the run was started with")

    def _run(self, where: str, row: Any, said: Mapping[str, Any], life: _Lives) -> None:
        """Order of the runs of one target."""
        seq, _, target_id, slot, *_ = row
        who = self.names.target(target_id)
        if slot in life.slots:
            self.inspection.add(where, f"duplicate run of {who} for the slot {moment(slot)}")
        life.slots.add(slot)
        if said["scheduled"]:
            last = life.last_scheduled_slot
            if last is not None and slot < last:
                self.inspection.add(
                    where,
                    f"back-dated: the slot {moment(slot)} of {who} was over when {moment(last)} was run",
                )
            life.last_scheduled_slot = slot if last is None else max(slot, last)
        if said["prev"] != life.last_run:
            self.inspection.add(where, f"the run before it is said to be entry {said['prev']}, but is {life.last_run}")
        life.last_run = seq
        if said["status"] not in _STATUSES:
            self.inspection.add(where, f"its status {said['status']!r} is unknown")
        if not said["started"] - CLOCK_SLACK <= said["finished"] <= said["recorded_at"] + CLOCK_SLACK:
            self.inspection.add(where, "time goes backwards: it did not finish between its start and its record")


def read_log(inspection: Inspection, names: Names, sizes: Collection[int]) -> Log:
    """Read the whole ledger; `sizes` are those whose roots are wanted."""
    reader = _Reader(inspection, names)
    log = reader.log
    total = inspection.count(ledger)
    edge = CompactRange()
    nodes: dict[tuple[int, int], bytes] = {}
    log.roots = {0: edge.root()} if 0 in sizes else {}
    for row in inspection.rows(ledger, _COLUMNS, "seq"):
        seq, recorded_at = row[0], row[5]
        where = f"ledger entry {seq}"
        if seq != log.head + 1:
            inspection.add(where, f"ledger gap: after entry {log.head} comes {seq}")
        if log.recorded and recorded_at < log.recorded[-1]:
            inspection.add(where, "time goes backwards: recorded before the entry that it follows")
        leaf = leaf_hash(row[6])
        if leaf != row[7]:
            inspection.add(where, "the leaf hash does not belong to the entry")
        nodes.update({(level, index): digest for level, index, digest in edge.append(leaf)})
        log.head = seq
        log.size += 1
        log.recorded.append(recorded_at)
        if log.size in sizes:
            log.roots[log.size] = edge.root()
        reader.entry(row)
        if not seq % 500:
            inspection.progress("ledger", log.size, total)
    log.root = edge.root()
    inspection.progress("ledger", total, total)
    _nodes(inspection, nodes)
    return log


def _nodes(inspection: Inspection, nodes: dict[tuple[int, int], bytes]) -> None:
    """Compare the kept subtrees with the recomputed ones."""
    for level, index, digest in inspection.rows(ledger_node, ("level", "idx", "hash"), "level, idx"):
        expected = nodes.pop((level, index), None)
        if expected is None:
            inspection.add(f"ledger_node {level}/{index}", "the ledger has no such subtree")
        elif expected != digest:
            inspection.add(f"ledger_node {level}/{index}", "the hash is not the one of these entries")
    for level, index in nodes:
        inspection.add(f"ledger_node {level}/{index}", "the hash of this subtree is missing")
