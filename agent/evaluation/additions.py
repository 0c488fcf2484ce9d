"""What was put on record after the evidence of a period was sealed: told apart, with its date and its reason.

Only what bears on the period is listed: manual evidence of things done in it, exceptions that reach into it, registers
that the evaluation reads, and runs of its slots.  It counts as its own rules say; the auditor may see it otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from agent.audit.clocks import Addition
from agent.audit.periods import iso
from agent.evaluation.gather import Known
from agent.evaluation.seals import Sealed
from agent.registers import imports
from storage import history

NO_REASON = "no reason given"


@dataclass(frozen=True, slots=True)
class Added:
    """One addition and where it stands in the ledger."""

    addition: Addition
    entry: int

    def to_json(self) -> dict[str, Any]:
        """Every part."""
        return {**self.addition.to_json(), "entry": self.entry}

    def line(self) -> str:
        """The same for people."""
        one = self.addition
        return f"{one.evidence} (ledger entry {self.entry}, {iso(one.received)}): {one.reason}"


def added(conn: Connection, known: Known, sealed: Sealed) -> tuple[Added, ...]:
    """Everything that came between the seal and the evidence cut-off, oldest first."""
    return tuple(sorted(_added(conn, known, sealed), key=lambda each: each.entry))


def _added(conn: Connection, known: Known, sealed: Sealed) -> Iterator[Added]:
    period = known.asked
    for one in known.attestations:
        if one.seq > sealed.seq and period.holds(one.performed_at):
            yield _one(f"{one.id}, evidence for {one.control}", one.recorded_at, one.note, one.seq)
    for waiver in known.waivers:
        if waiver.seq > sealed.seq and waiver.valid_from < period.ends and waiver.valid_to > period.begins:
            what = f"{waiver.id}, an exception for {waiver.control}"
            yield _one(what, waiver.recorded_at, waiver.reason, waiver.seq)
    for made in imports.load(conn):
        if sealed.seq < made.seq <= known.position:
            yield _one(f"{made.id}, the register {made.register} from {made.source}", made.recorded_at, "", made.seq)
    for runs in history.runs_between(conn, sealed.at, known.as_of + 1).values():
        for run in runs:
            if run.seq > sealed.seq and run.scheduled and period.holds(run.slot):
                why = f"the run of the slot {iso(run.slot)} was made late"
                yield _one(f"run of {run.target.name}", run.recorded, why, run.seq)


def _one(evidence: str, received: int, reason: str, entry: int) -> Added:
    return Added(Addition(evidence, received, reason.strip() or NO_REASON), entry)
