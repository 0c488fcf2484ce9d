"""When each target was last read and with what result, who is at work, and how ledger and alerts stand."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from agent import clock
from agent.alerts.watch import Open, open_conditions
from agent.config import Settings
from agent.judge import UNKNOWN_ACCOUNT
from agent.schedule import Plan
from storage import daemons, ledger, notes, outbox, reads
from storage.engine import Store
from storage.rows import DaemonRow, Outcome, RunRow

STALE_AFTER = 2
"""Intervals of the schedule without a run after which a target's evidence has stopped arriving."""
SILENT_AFTER = 60_000_000
"""Microseconds without a sign of life after which a process counts as dead."""


@dataclass(frozen=True, slots=True)
class Status:
    """Each target's newest run, the ledger, the processes, the alerts, and what is late."""

    runs: tuple[tuple[RunRow, Counter[Outcome]], ...]
    entries: int
    checkpoint: int
    """Entries that the newest checkpoint covers; 0 without one."""
    anchor: str
    daemons: tuple[DaemonRow, ...]
    alerts: tuple[Open, ...]
    """Conditions that are open."""
    outbox: Mapping[tuple[str, str], int]
    """Number of messages by receiver and state, `pending` or `failed`."""
    late: tuple[str, ...]
    """One line for each configured target whose newest run is too old, or that has none."""
    now: int

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "targets": [
                {
                    "target": run.target.name,
                    "cloud": run.target.cloud,
                    "account": run.target.account,
                    "started": clock.iso(run.started)[:19] + "Z",
                    "age": age(self.now - run.finished),
                    "status": run.status.value,
                    "findings": {outcome.value: counts[outcome] for outcome in Outcome},
                    "gaps": run.gaps,
                    "entry": run.seq,
                }
                for run, counts in self.runs
            ],
            "ledger": {"entries": self.entries, "checkpoint": self.checkpoint, "anchor": self.anchor},
            "processes": [
                {
                    "process": row.name,
                    "role": row.role,
                    "alive": self.now - row.beat_at <= SILENT_AFTER,
                    "version": row.version,
                    "started": clock.iso(row.started_at)[:19] + "Z",
                    "seen": age(self.now - row.beat_at),
                    "running": orjson.loads(row.state).get("running", []),
                }
                for row in self.daemons
            ],
            "alerts": dict(Counter(condition.severity for condition in self.alerts)),
            "outbox": [
                {"route": route, "state": state, "messages": number}
                for (route, state), number in sorted(self.outbox.items())
            ],
            "late": list(self.late),
        }


def status(store: Store, settings: Settings) -> Status:
    """How things stand now."""
    now = clock.now()
    with store.read() as conn:
        newest = _newest(reads.last_run(conn, target) for target in reads.targets(conn))
        runs = []
        for run in newest:
            in_force = reads.current_verdicts(conn, run.target)
            runs.append((run, Counter(outcome for outcome, _ in in_force.values())))
        note = ledger.newest_checkpoint(conn)
        entries = ledger.size(conn)
        processes = tuple(daemons.daemons(conn))
        conditions = tuple(open_conditions(conn))
        waiting = {key: number for key, number in outbox.counts(conn).items() if key[1] != "sent"}
    file = ledger.newest_anchor(settings.anchor_folder())
    ended = {run.target.name: run.finished for run in newest}
    late = [
        f"{name}: never read; run `proofkeep collect`"
        if name not in ended
        else f"{name}: last read {age(now - ended[name])} ago, more than {STALE_AFTER} intervals"
        for name in expected(settings, ended)
        if name not in ended or is_stale(settings.plans().of(name), ended[name], now)
    ]
    return Status(
        tuple(runs),
        entries,
        notes.parse(note).checkpoint.size if note else 0,
        str(file) if file else "none",
        processes,
        conditions,
        waiting,
        tuple(late),
        now,
    )


def is_alive(store: Store) -> bool:
    """Whether a daemon or worker of this machine has left a sign of life lately."""
    with store.read() as conn:
        mine = [row for row in daemons.daemons(conn) if row.name.rpartition(":")[0] == socket.gethostname()]
    return any(clock.now() - row.beat_at <= SILENT_AFTER for row in mine)


def is_stale(plan: Plan, ended: int, now: int) -> bool:
    """Whether `STALE_AFTER` intervals of the plan have gone by since a run ended."""
    limit = plan.slot_of(ended)
    for _ in range(STALE_AFTER):
        limit = plan.next(limit)
    return now > limit + ended - plan.slot_of(ended)


def expected(settings: Settings, known: Iterable[str]) -> list[str]:
    """Names of all accounts that are to be read, those of organizations as far as they were ever read."""
    names = []
    for target in settings.targets:
        names += [target.name] if target.has_own else []
        if target.expands:
            names += sorted(name for name in known if name.startswith(f"{target.name}/"))
    return names


def _newest(runs: Iterable[RunRow | None]) -> list[RunRow]:
    """The newest run of each account, oldest first, without those from before a target's account was known."""
    found = sorted((run for run in runs if run is not None), key=lambda run: run.seq)
    known = {run.target.name for run in found if run.target.account != UNKNOWN_ACCOUNT}
    return [run for run in found if run.target.account != UNKNOWN_ACCOUNT or run.target.name not in known]


def age(micros: int) -> str:
    """`3 h 20 min`: the two largest units that say something."""
    seconds = max(micros, 0) // 1_000_000
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        if seconds >= size:
            parts.append(f"{seconds // size} {unit}")
            seconds %= size
    return " ".join(parts[:2]) or "0 s"
