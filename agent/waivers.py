"""Dated exceptions that somebody approved: who may grant them, what they cover, and when.

A waiver is a statement in the ledger and is looked at when a question is asked; nothing is ever written onto a verdict.
A finding that is waived still fails.

A waiver holds over [begins, ends), in microseconds UTC: it begins when it was recorded, approved and valid, whichever
comes last, so it never reaches into the past, and ends when its validity does or when it is revoked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from agent import clock
from agent.errors import OperatorError
from agent.wiring import Wiring
from storage import canon, reads, seal
from storage.engine import Store
from storage.errors import IntegrityError, NotEncodable
from storage.rows import StatementRow

GRANTED = "waiver"
REVOKED = "waiver-revoked"
"""Kinds of statements in the ledger."""

FORM = 1
"""Number of the grammar that a body is written in, so that a later one cannot change what an old waiver covers."""

ANY = "*"
DAY = 86_400_000_000
DEFAULT_DAYS = 90
LONGEST_DAYS = 365

_TIMES = ("approved_at", "valid_from", "valid_to")
_OPTIONS = {
    "control": "CONTROL",
    "target": "--target",
    "resource": "--resource",
    "reason": "--reason",
    "risk": "--risk",
    "compensating": "--compensating",
    "requested_by": "--requested-by",
    "approved_by": "--approved-by",
    "approved_at": "--approved-at",
    "valid_from": "--from",
    "valid_to": "--to",
}
"""How the command line calls each of the terms."""
_EXACT = ("control", "target", "resource")
_MAY_BE_EMPTY = ("compensating",)


class State(StrEnum):
    """Where a waiver is in its life."""

    PENDING = "pending"
    IN_FORCE = "in force"
    ENDED = "ended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What was approved.  Times are microseconds since the epoch, UTC."""

    control: str
    """Id of a control, or of one check."""
    target: str
    """Name of one target, or `*` for all."""
    resource: str
    """The provider's identifier, whole.  Each `*` in it stands for any text; no other sign is special."""
    reason: str
    risk: str
    """What may happen while it holds."""
    requested_by: str
    approved_by: str
    approved_at: int
    valid_from: int
    valid_to: int
    compensating: str = ""
    """What makes up for it meanwhile, if anything does."""

    def match(self, check_id: str, control_ids: Collection[str], target_name: str, resource_uid: str) -> bool:
        """Whether they speak of this verdict, at whatever time."""
        return (
            (self.control == check_id or self.control in control_ids)
            and self.target in (ANY, target_name)
            and _fits(self.resource, resource_uid)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver(Terms):
    """One approved exception on the record."""

    id: str
    """`W-0001`, counted from the first one that the ledger has."""
    seq: int
    """Ledger entry that holds it."""
    recorded_at: int
    revoked_at: int | None = None
    """When the ledger took the revocation."""
    revoked_by: str = ""
    revoked_because: str = ""

    @property
    def begins(self) -> int:
        """The first microsecond at which it holds."""
        return max(self.recorded_at, self.approved_at, self.valid_from)

    @property
    def ends(self) -> int:
        """The first microsecond at which it no longer holds; not after `begins` if it never does."""
        return self.valid_to if self.revoked_at is None else min(self.valid_to, self.revoked_at)

    def in_force(self, at: int) -> bool:
        """Whether it holds at this moment."""
        return self.begins <= at < self.ends

    def state(self, at: int) -> State:
        """Where it is in its life at this moment."""
        if at >= self.ends:
            return State.ENDED if self.ends == self.valid_to else State.REVOKED
        return State.PENDING if at < self.begins else State.IN_FORCE

    def to_json(self, at: int) -> dict[str, Any]:
        """The public form of `waive list --json`, with the state at `at`."""
        return {
            "id": self.id,
            "state": self.state(at).value,
            "control": self.control,
            "target": self.target,
            "resource": self.resource,
            "reason": self.reason,
            "risk": self.risk,
            "compensating": self.compensating,
            "requested_by": self.requested_by,
            "approved_by": self.approved_by,
            "approved_at": clock.iso(self.approved_at),
            "valid_from": clock.iso(self.valid_from),
            "valid_to": clock.iso(self.valid_to),
            "recorded_at": clock.iso(self.recorded_at),
            "begins": clock.iso(self.begins),
            "ends": clock.iso(self.ends),
            "revoked_at": clock.iso_or_none(self.revoked_at),
            "revoked_by": self.revoked_by,
            "revoked_because": self.revoked_because,
            "entry": self.seq,
        }


class Waivers:
    """Every waiver that was ever granted, oldest first."""

    def __init__(self, granted: Iterable[Waiver]) -> None:
        """Sort them by what they speak of, so that asking for one verdict is quick."""
        self.all = tuple(granted)
        self._by_control: dict[str, list[Waiver]] = defaultdict(list)
        for waiver in self.all:
            self._by_control[waiver.control].append(waiver)

    def covering(
        self, check_id: str, control_ids: Collection[str], target_name: str, resource_uid: str, at: int
    ) -> Waiver | None:
        """The waiver that holds for this verdict at this moment, the one that ends last if there are several."""
        holding = (
            waiver
            for name in (check_id, *control_ids)
            for waiver in self._by_control.get(name, ())
            if waiver.in_force(at) and waiver.match(check_id, control_ids, target_name, resource_uid)
        )
        return max(holding, key=lambda waiver: (waiver.ends, -waiver.seq), default=None)


def load(conn: Connection) -> Waivers:
    """All waivers with their revocations.  Raises IntegrityError for a statement that this program never writes."""
    granted: dict[str, Waiver] = {}
    for row in reads.statements(conn, {GRANTED, REVOKED}):
        said = _body(row)
        if row.kind == GRANTED:
            id_ = f"W-{len(granted) + 1:04d}"
            granted[id_] = Waiver(**_terms(row, said), id=id_, seq=row.seq, recorded_at=row.at)
        else:
            id_, by, because = _texts(row, said, ("waiver", "by", "reason"))
            if id_ not in granted:
                raise _malformed(row, f"there is no {id_} before it")
            if granted[id_].revoked_at is None:  # two people may revoke at once; the first one did
                granted[id_] = replace(granted[id_], revoked_at=row.at, revoked_by=by, revoked_because=because)
    return Waivers(granted.values())


def grant(store: Store, wiring: Wiring, terms: Terms) -> Waiver:
    """Put an approved exception on record.  Raises OperatorError when the terms break a rule."""
    terms = checked(terms, wiring, store.now())
    seq = seal.append_statement(store, GRANTED, canon.canonical({"form": FORM, **asdict(terms)}))
    with store.read() as conn:
        return next(waiver for waiver in load(conn).all if waiver.seq == seq)


def revoke(store: Store, id_: str, by: str, reason: str) -> Waiver:
    """End a waiver now, for good.  Raises OperatorError when there is nothing to end, or no name or reason."""
    by, reason = _folded("--by", by), _folded("--reason", reason)
    known = find(store, id_)
    state = known.state(store.now())
    if state in (State.ENDED, State.REVOKED):
        how = "ended" if state is State.ENDED else "was revoked"
        raise OperatorError(f"{id_}: {how} at {clock.iso(known.ends)}; there is nothing left to revoke")
    body = {"form": FORM, "waiver": id_, "by": by, "reason": reason}
    seal.append_statement(store, REVOKED, canon.canonical(body))
    return find(store, id_)


def find(store: Store, id_: str) -> Waiver:
    """The waiver of this id.  Raises OperatorError when there is none."""
    with store.read() as conn:
        granted = load(conn).all
    for waiver in granted:
        if waiver.id == id_:
            return waiver
    raise OperatorError(f"{id_!r}: there is no such waiver; `proofkeep waive list --all` shows all")


def checked(terms: Terms, wiring: Wiring, now: int) -> Terms:
    """The terms as they are recorded, their texts in one line each.  Raises OperatorError when they break a rule."""
    said = asdict(terms)
    for name, option in _OPTIONS.items():
        if name not in (*_TIMES, *_EXACT):
            said[name] = _folded(option, said[name], may_be_empty=name in _MAY_BE_EMPTY)
    terms = Terms(**said)
    known = [*wiring.library.controls, *wiring.checks]
    if terms.control not in known:
        near = get_close_matches(terms.control, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "`proofkeep catalog` lists all"
        raise OperatorError(f"CONTROL {terms.control!r}: there is no control and no check of that name; {hint}")
    if broken := _broken(terms):
        raise OperatorError(broken)
    if terms.approved_at > now:
        raise OperatorError(
            f"--approved-at {clock.iso(terms.approved_at)}: lies in the future; record it once it is approved"
        )
    if terms.valid_to <= now:
        raise OperatorError(
            f"--to {clock.iso(terms.valid_to)}: has passed, and no waiver reaches back; write a later end"
        )
    if terms.valid_from > now + LONGEST_DAYS * DAY:
        raise OperatorError(
            f"--from {clock.iso(terms.valid_from)}: is more than {LONGEST_DAYS} days ahead; "
            "have it approved when it is closer"
        )
    return terms


def _broken(terms: Terms) -> str:
    """The first rule that these terms break whenever they are looked at; empty when they keep all."""
    for name in _EXACT:
        value = getattr(terms, name)
        if not value.strip() or not value.isprintable():
            return f"{_OPTIONS[name]} {value!r}: is empty or has a control character; write the exact name"
    if ANY in terms.target and terms.target != ANY:
        return f"--target {terms.target!r}: is no name; write one target, or * alone for all"
    if _person(terms.approved_by) == _person(terms.requested_by):
        return f"--approved-by {terms.approved_by!r}: is who requested it; somebody else must approve it"
    if terms.valid_to <= terms.valid_from:
        return f"--to {clock.iso(terms.valid_to)}: does not come after --from; write a later end"
    if terms.valid_to - terms.valid_from > LONGEST_DAYS * DAY:
        return (
            f"--to {clock.iso(terms.valid_to)}: is more than {LONGEST_DAYS} days after --from; "
            "write an earlier end, and have it approved anew by then"
        )
    return ""


def _person(name: str) -> str:
    return name.strip().casefold()


def _folded(option: str, text: str, *, may_be_empty: bool = False) -> str:
    """The text in one line.  Raises OperatorError when nothing is left of it, or something that no terminal shows."""
    folded = " ".join(text.split())
    if not (folded or may_be_empty):
        raise OperatorError(f"{option}: is empty; an exception without it is not approved")
    if not folded.isprintable():
        raise OperatorError(f"{option} {folded!r}: has a control character; write plain text")
    return folded


def _fits(pattern: str, text: str) -> bool:
    """Whether the whole text fits the pattern.  Linear, unlike a regular expression with many wild cards."""
    first, *rest = pattern.split(ANY)
    if not rest:
        return text == first
    *middle, last = rest
    at, end = len(first), len(text) - len(last)
    if end < at or not (text.startswith(first) and text.endswith(last)):
        return False
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _body(row: StatementRow) -> dict[str, object]:
    """What a statement says, without the number of its form."""
    try:
        said = canon.parse_canonical(row.body)
    except NotEncodable as error:
        raise _malformed(row, str(error)) from error
    form = said.pop("form", None)
    if form != FORM or isinstance(form, bool):
        raise _malformed(row, f"its form is {form!r}, and this release writes {FORM}")
    return said


def _terms(row: StatementRow, said: dict[str, object]) -> dict[str, Any]:
    _texts(row, {name: value for name, value in said.items() if name not in _TIMES}, _OPTIONS.keys() - set(_TIMES))
    for name in _TIMES:
        if not isinstance(said.get(name), int) or isinstance(said[name], bool):
            raise _malformed(row, f"{name} is no time")
    fields: dict[str, Any] = said
    if broken := _broken(Terms(**fields)):
        raise _malformed(row, broken)
    return fields


def _texts(row: StatementRow, said: dict[str, object], names: Collection[str]) -> list[str]:
    """The values of exactly these fields, each a text in one line."""
    if said.keys() != set(names):
        raise _malformed(row, f"it has the fields {', '.join(sorted(said))}")
    found = [said[name] for name in names]
    texts = [value for value in found if isinstance(value, str)]
    if len(texts) < len(found):
        raise _malformed(row, "one of its texts is none")
    for name, text in zip(names, texts, strict=True):
        if name not in _EXACT and (not (text or name in _MAY_BE_EMPTY) or text != " ".join(text.split())):
            raise _malformed(row, f"{name} is empty or no single line")
    return texts


def _malformed(row: StatementRow, why: str) -> IntegrityError:
    return IntegrityError(f"ledger entry {row.seq}: this {row.kind} statement is none that proofkeep writes: {why}")
