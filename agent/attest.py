"""Manual evidence: what somebody did for a control, the files that show it, and who looked at it.

An attestation is a statement in the ledger with the exact bytes of its files.  It is never changed: whoever has
better evidence records anew and names the one that it takes the place of.  What is weak about it is kept in sight and
never refused, because a record that says "back-dated" is worth more to an auditor than one that is not there.

Times are microseconds since the epoch, UTC.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from agent import clock, statements
from agent.audit import clocks
from agent.audit.parameters import Parameters
from agent.errors import OperatorError
from agent.wiring import Wiring
from checks.library import WITH_SLOTS, Control, Frequency
from storage import attachments, reads
from storage.attachments import FILES, Attached, Attachment
from storage.engine import Store
from storage.rows import StatementRow

KIND = "attestation"
"""Kind of the statements in the ledger."""
FORM = 1
"""Number of the grammar that a body is written in."""

PARAMETERS = Parameters()
"""The limits by which weaknesses are told before any evaluation; an evaluation brings its own."""

_LAST = (1 << 53) - 1
"""Largest whole number that a statement can hold; as a time it lies in the year 2255."""
_SHOWS = {"shows_url": "--shows-url", "shows_time": "--shows-time", "shows_account": "--shows-account"}
"""What places a picture, and the options for it."""
_OPTIONS = {
    "performed_by": "--performed-by",
    "reviewed_by": "--reviewed-by",
    "slot": "--slot",
    "item": "--item",
    "exception": "--exception",
    "incident": "--incident",
    "note": "--note",
    **_SHOWS,
}
_OPTIONAL = _OPTIONS.keys() - {"performed_by"}
_PICTURE = "image/"
"""Beginning of the media types of pictures."""
_SLOTS = {
    Frequency.DAILY: (r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "2026-03-14"),
    Frequency.WEEKLY: (r"\d{4}-W(0[1-9]|[1-4]\d|5[0-3])", "2026-W11"),
    Frequency.MONTHLY: (r"\d{4}-(0[1-9]|1[0-2])", "2026-03"),
    Frequency.QUARTERLY: (r"\d{4}-Q[1-4]", "2026-Q1"),
    Frequency.SEMIANNUAL: (r"\d{4}-H[12]", "2026-H1"),
    Frequency.ANNUAL: (r"\d{4}", "2026"),
}
"""How the slot of a control is written, by frequency; other controls take the name of an event."""
_FIELDS: dict[str, tuple[type, ...]] = {
    "control": (str,),
    "control_version": (str,),
    "performed_by": (str,),
    "performed_at": (int,),
    "reviewed_by": (str,),
    "reviewed_at": (int, type(None)),
    "uploaded_by": (str,),
    "slot": (str,),
    "item": (str,),
    "exception": (str,),
    "incident": (str,),
    "note": (str,),
    **dict.fromkeys(("shows_url", "shows_time", "shows_account"), (str,)),
    "expires": (int, type(None)),
    "inquiry": (bool,),
    "supersedes": (str,),
    "trace": (int,),
    FILES: (list,),
}
"""Every field of a body, with its types."""
_LATER = dict.fromkeys(("item", "exception", "incident"), "")
"""Fields that the first releases did not write."""


class State(StrEnum):
    """Where an attestation is in its life."""

    IN_FORCE = "in force"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


class Weakness(StrEnum):
    """What an auditor will hold against it."""

    BACKDATED = "back-dated"
    """Claimed for a time long before anything shows that it existed: it does not count."""
    INQUIRY = "inquiry alone"
    """Somebody's word: it never makes a control effective."""
    NOT_REVIEWED = "not reviewed"
    """Nobody but the performer looked at it: it is unverified."""
    BROKEN = "does not verify"
    """Its ledger entry is not what was recorded: it is unverified."""
    PICTURE = "picture"
    """A screenshot is easily made up: of low reliability."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What somebody says was done."""

    control: str
    performed_by: str
    performed_at: int
    uploaded_by: str
    reviewed_by: str = ""
    reviewed_at: int | None = None
    slot: str = ""
    """The occurrence that it is for, such as `2026-Q1`; empty leaves it to the time."""
    item: str = ""
    """The event that it is for, by its id in the population of the control."""
    exception: str = ""
    """What did not go as the control says; empty when it went well."""
    incident: str = ""
    """The incident that the exception led to, by its id in the register; empty when it led to none."""
    note: str = ""
    expires: int | None = None
    """First moment at which it shows nothing any more, such as that of a penetration test."""
    inquiry: bool = False
    """Nothing but somebody's word."""
    shows_url: str = ""
    """Where a picture was taken."""
    shows_time: str = ""
    """The time that is to be seen in a picture, as it stands there."""
    shows_account: str = ""
    """The account that is to be seen in a picture."""
    supersedes: str = ""
    """Id of the attestation that it takes the place of."""

    @property
    def about(self) -> str:
        """The event that it is for, however it names it."""
        return self.item or self.slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation(Claim):
    """One piece of manual evidence on the record."""

    id: str
    """`M-0001`, counted from the first one that the ledger has."""
    seq: int
    """Ledger entry that holds it."""
    recorded_at: int
    control_version: str
    """SHA-256, in hexadecimal, of the control as it was promised then: see `version_of`."""
    trace: int
    """The earliest moment at which a system, not a person, shows that it existed.

    That is the last change of a file, which whoever owns the file can set, and for want of files the record itself.
    """
    files: tuple[Attached, ...]
    superseded_at: int | None = None
    superseded_by: str = ""
    verifies: bool = True
    """Whether its ledger entry has its hash, as far as whoever reads it has tested that."""

    @property
    def backdated(self) -> bool:
        """Whether it claims a time long before the earliest trace."""
        return clocks.backdated(self.performed_at, self.trace, PARAMETERS)

    @property
    def pictured(self) -> bool:
        """Whether a picture is among its files."""
        return any(file.media.startswith(_PICTURE) for file in self.files)

    @property
    def weaknesses(self) -> tuple[Weakness, ...]:
        """Everything that is weak about it."""
        found = {
            Weakness.BACKDATED: self.backdated,
            Weakness.INQUIRY: self.inquiry,
            Weakness.NOT_REVIEWED: not self.reviewed_by,
            Weakness.BROKEN: not self.verifies,
            Weakness.PICTURE: self.pictured,
        }
        return tuple(weakness for weakness, holds in found.items() if holds)

    @property
    def counts(self) -> bool:
        """Whether it can count as one performance of its control at all."""
        return not (self.backdated or self.inquiry)

    def state(self, at: int) -> State:
        """Where it is in its life at this moment."""
        if self.superseded_at is not None and at >= self.superseded_at:
            return State.SUPERSEDED
        return State.EXPIRED if self.expires is not None and at >= self.expires else State.IN_FORCE

    def to_json(self, at: int) -> dict[str, Any]:
        """The public form of `attest list --json`, with the state at `at`."""
        return {
            "id": self.id,
            "state": self.state(at).value,
            "counts": self.counts,
            "weaknesses": [weakness.value for weakness in self.weaknesses],
            "control": self.control,
            "control_version": self.control_version,
            "slot": self.slot,
            "item": self.item,
            "exception": self.exception,
            "incident": self.incident,
            "performed_by": self.performed_by,
            "performed_at": clock.iso(self.performed_at),
            "reviewed_by": self.reviewed_by,
            "reviewed_at": clock.iso_or_none(self.reviewed_at),
            "uploaded_by": self.uploaded_by,
            "recorded_at": clock.iso(self.recorded_at),
            "earliest_trace": clock.iso(self.trace),
            "expires": clock.iso_or_none(self.expires),
            "inquiry": self.inquiry,
            "note": self.note,
            "shows_url": self.shows_url,
            "shows_time": self.shows_time,
            "shows_account": self.shows_account,
            "supersedes": self.supersedes,
            "superseded_by": self.superseded_by,
            "superseded_at": clock.iso_or_none(self.superseded_at),
            "files": [{**asdict(file), "modified": clock.iso(file.modified)} for file in self.files],
            "entry": self.seq,
        }


def version_of(control: Control) -> str:
    """SHA-256, in hexadecimal, of all that a control says."""
    said = json.dumps(
        asdict(control), sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=date.isoformat
    )
    return sha256(said.encode()).hexdigest()


def load(conn: Connection) -> tuple[Attestation, ...]:
    """All manual evidence, oldest first.  Raises IntegrityError for a statement that this program never writes."""
    found: dict[str, Attestation] = {}
    for row in reads.statements(conn, {KIND}):
        one = _read(row, f"M-{len(found) + 1:04d}")
        if one.supersedes:
            old = found.get(one.supersedes)
            if old is None or old.control != one.control:
                raise statements.malformed(row, f"{one.control} has no {one.supersedes} before it")
            if old.superseded_at is None:  # two people may do it at once; the first one did
                found[old.id] = replace(old, superseded_at=row.at, superseded_by=one.id)
        found[one.id] = one
    return tuple(found.values())


def record(store: Store, wiring: Wiring, claim: Claim, files: Sequence[Attachment]) -> Attestation:
    """Put manual evidence and its files on record.  Raises OperatorError when the claim breaks a rule."""
    now = store.now()
    claim = checked(claim, wiring, files, now)
    with store.read() as conn:
        before = load(conn)
    _refuse_wrong_predecessor(claim, before)
    hashes = {Attached.of(file).sha256 for file in files}
    earlier = [old.trace for old in before if hashes & {file.sha256 for file in old.files}]
    said = {
        "form": FORM,
        **asdict(claim),
        "control_version": version_of(wiring.library.controls[claim.control]),
        "trace": min([now, *(file.modified for file in files), *earlier]),
    }
    seq = attachments.append(store, KIND, said, files)
    with store.read() as conn:
        return next(one for one in load(conn) if one.seq == seq)


def find(store: Store, id_: str) -> Attestation:
    """The attestation of this id.  Raises OperatorError when there is none."""
    with store.read() as conn:
        for one in load(conn):
            if one.id == id_:
                return one
    raise OperatorError(f"{id_!r}: there is no such attestation; `proofkeep attest list --all` shows all")


def checked(claim: Claim, wiring: Wiring, files: Sequence[Attachment], now: int) -> Claim:
    """The claim as it is recorded, its texts in one line each.  Raises OperatorError when it breaks a rule."""
    said = asdict(claim)
    for name, option in _OPTIONS.items():
        said[name] = statements.one_line(option, said[name], optional=name in _OPTIONAL)
    claim = Claim(**said)
    known = wiring.library.controls
    if claim.control not in known:
        near = get_close_matches(claim.control, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "`proofkeep catalog` lists all"
        raise OperatorError(f"CONTROL {claim.control!r}: there is no control of that name; {hint}")
    if broken := _broken(claim, has_files=bool(files)):
        raise OperatorError(broken)
    for option, at in (("--performed-at", claim.performed_at), ("--reviewed-at", claim.reviewed_at)):
        if at is not None and at > now:
            raise OperatorError(f"{option} {clock.iso(at)}: lies in the future; record it once it is done")
    _refuse_strange_slot(claim.slot, known[claim.control].frequency)
    if claim.item and (frequency := known[claim.control].frequency) in WITH_SLOTS:
        raise OperatorError(f"--item {claim.item!r}: {claim.control} is {frequency} and has slots; write --slot")
    missing = [option for name, option in _SHOWS.items() if not getattr(claim, name)]
    if missing and any(file.media.startswith(_PICTURE) for file in files):
        raise OperatorError(f"{missing[0]}: is missing beside a picture; write what is to be seen in it")
    return claim


def _refuse_strange_slot(slot: str, frequency: Frequency) -> None:
    if not slot or frequency not in _SLOTS:
        return
    pattern, example = _SLOTS[frequency]
    if not re.fullmatch(pattern, slot, re.ASCII):
        raise OperatorError(f"--slot {slot!r}: is no {frequency} slot; write it as {example}")


def _refuse_wrong_predecessor(claim: Claim, before: Sequence[Attestation]) -> None:
    if not claim.supersedes:
        return
    old = next((one for one in before if one.id == claim.supersedes), None)
    if old is None:
        why = "there is no such attestation; `proofkeep attest list --all` shows all"
    elif old.control != claim.control:
        why = f"is for {old.control}; name one for {claim.control}"
    elif old.superseded_by:
        why = f"{old.superseded_by} took its place already; name that one"
    else:
        return
    raise OperatorError(f"--supersedes {claim.supersedes!r}: {why}")


def _broken(claim: Claim, *, has_files: bool) -> str:
    """The first rule that a claim breaks whenever it is looked at; empty when it keeps all."""
    for option, at in (("--performed-at", claim.performed_at), ("--expires", claim.expires)):
        if at is not None and not 0 <= at <= _LAST:
            return f"{option} {clock.iso(at)}: lies before 1970 or after 2255; correct it, or leave it out"
    if not (has_files or claim.inquiry):
        return "--file: is missing; name what shows it, or add --inquiry when there is only somebody's word"
    if claim.reviewed_by and statements.same_person(claim.reviewed_by, claim.performed_by):
        return f"--reviewed-by {claim.reviewed_by!r}: is who performed it; somebody else must review it"
    if bool(claim.reviewed_by) != (claim.reviewed_at is not None):
        return "--reviewed-at: stands without --reviewed-by; give both or neither"
    if claim.reviewed_at is not None and claim.reviewed_at < claim.performed_at:
        return f"--reviewed-at {clock.iso(claim.reviewed_at)}: lies before --performed-at; write a later time"
    if claim.expires is not None and claim.expires <= claim.performed_at:
        return f"--expires {clock.iso(claim.expires)}: does not come after --performed-at; write a later time"
    return _broken_item(claim)


def _broken_item(claim: Claim) -> str:
    """The first rule that a claim breaks by what it says of an event; empty when it keeps all."""
    if claim.item and claim.slot:
        return f"--slot {claim.slot!r}: stands beside --item; keep one of the two"
    if claim.exception and not claim.about:
        return "--exception: stands without --item; name what did not go as the control says"
    if claim.incident and not claim.exception:
        return "--incident: stands without --exception; say what did not go as the control says"
    return ""


def _read(row: StatementRow, id_: str) -> Attestation:
    """One attestation from its statement."""
    said = {**_LATER, **statements.body(row, FORM)}
    statements.expect(row, said, _FIELDS)
    try:
        files = attachments.attached(said)
    except ValueError as error:
        raise statements.malformed(row, f"it {error}") from error
    fields: dict[str, Any] = {name: value for name, value in said.items() if name != FILES}
    one = Attestation(**fields, files=files, id=id_, seq=row.seq, recorded_at=row.at)
    if broken := _broken(one, has_files=bool(files)):
        raise statements.malformed(row, broken)
    return one
