"""The freeze of a period: from when on evidence that is added to it is told apart.

A seal is a statement in the ledger.  It changes and forbids nothing: evidence may still come, and is shown as added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from agent import clock, statements
from agent.audit.periods import Period, Renewal, hours, renewal
from agent.errors import OperatorError
from storage import canon, ledger, reads, seal
from storage.engine import Store
from storage.rows import StatementRow

KIND = "seal"
"""Kind of the statements in the ledger."""
FORM = 1
_FIELDS: dict[str, tuple[type, ...]] = {
    "begins": (int,),
    "ends": (int,),
    "position": (int,),
    "reason": (str,),
}


@dataclass(frozen=True, slots=True)
class Sealed:
    """A period whose evidence was frozen."""

    seq: int
    """Ledger entry that holds the seal."""
    at: int
    """When: what is recorded later was added."""
    begins: int
    ends: int
    position: int
    """Newest ledger entry before the seal: the evidence set ends with it."""
    reason: str

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "entry": self.seq,
            "at": clock.iso(self.at),
            "begins": clock.iso(self.begins),
            "ends": clock.iso(self.ends),
            "position": self.position,
            "reason": self.reason,
        }


def load(conn: Connection, as_of: int | None = None) -> list[Sealed]:
    """Every seal, oldest first.  Raises IntegrityError for a statement that this program never writes."""
    return [_read(row) for row in reads.statements(conn, {KIND}) if as_of is None or row.at <= as_of]


def of(conn: Connection, period: Period, as_of: int) -> Sealed | None:
    """The first seal of exactly this period that was recorded by then; None when there is none."""
    found = (each for each in load(conn, as_of) if (each.begins, each.ends) == (period.begins, period.ends))
    return next(found, None)


@dataclass(frozen=True, slots=True)
class Follows:
    """How a period joins the sealed one before it."""

    seal: Sealed
    joins: Renewal

    def to_json(self) -> dict[str, Any]:
        """Every part."""
        return {"seal": self.seal.to_json(), **self.joins.to_json()}

    def line(self) -> str:
        """What to say of it; empty when no instant is left out or counted twice."""
        last = f"the period that was sealed before it, until {clock.iso(self.seal.ends)}"
        if self.joins.gap:
            return f"{hours(self.joins.gap):g} h lie between it and {last}: no period covers them"
        return f"{hours(self.joins.overlap):g} h of it belong to {last}, as well" if self.joins.overlap else ""


def before(conn: Connection, period: Period, as_of: int) -> Follows | None:
    """The newest sealed period that begins before this one, and how the two join; None when there is none."""
    known = [each for each in load(conn, as_of) if each.begins < period.begins]
    if not known:
        return None
    last = max(known, key=lambda each: (each.ends, each.seq))
    return Follows(last, renewal(Period(last.begins, last.ends), period))


def ask_why(conn: Connection, performed_at: int, note: str) -> None:
    """Refuse evidence that comes after the seal of its period and does not say why.  Raises OperatorError."""
    late = next((each for each in load(conn) if each.begins <= performed_at < each.ends), None)
    if late and not note.strip():
        raise OperatorError(
            f"--note: is missing; the evidence of that period was sealed at {clock.iso(late.at)}: say why it is added"
        )


def put(store: Store, period: Period, reason: str) -> Sealed:
    """Freeze the evidence of a period.  Raises OperatorError while it is not over, or when it is frozen already."""
    reason = statements.one_line("--reason", reason, optional=True)
    now = store.now()
    if period.ends > now:
        raise OperatorError(f"--to {clock.iso(period.ends)}: lies in the future; seal the period when it is over")
    with store.read() as conn:
        if earlier := of(conn, period, now):
            raise OperatorError(
                f"the period was sealed at {clock.iso(earlier.at)} (ledger entry {earlier.seq}) already"
            )
        head = ledger.head(conn)
    if head is None:
        raise OperatorError("the ledger is empty; there is no evidence to seal")
    said = {"form": FORM, "begins": period.begins, "ends": period.ends, "position": head.seq, "reason": reason}
    seq = seal.append_statement(store, KIND, canon.canonical(said))
    with store.read() as conn:
        return next(each for each in load(conn) if each.seq == seq)


def _read(row: StatementRow) -> Sealed:
    said = statements.body(row, FORM)
    statements.expect(row, said, _FIELDS)
    fields: dict[str, Any] = said
    return Sealed(seq=row.seq, at=row.at, **fields)
