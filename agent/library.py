"""The control library through time: each version whole in the ledger, and what of it was in force when.

A version is a policy entry of the ledger.  Its body is canonical JSON with every control, the scope and the controls
that are switched off, so that a question about the past is answered by what was promised then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any, Protocol

from sqlalchemy import Connection, select

from agent import clock
from checks.api import Criterion, Strength
from checks.library import Control, Covers, DueRule, Frequency, Kind, Library, Policy
from checks.scope import Scope
from storage import blobs, canon
from storage.errors import IntegrityError, NotEncodable
from storage.tables import ledger

POLICY = "controls"
"""Kind of the policy entries that hold the library."""

FORM = 1
"""Number of the grammar that a body is written in, so that a later one cannot change what an old version promised."""

_PROSE = ("text", "procedure", "due")
"""What an editorial change may touch."""
_RULES = (
    "criteria",
    "frequency",
    "kind",
    "key",
    "severity",
    "sla_days",
    "policy",
    "checks",
    "params",
    "due_rule",
    "compensates_for",
    "compensated_by",
    "not_applicable",
    "population",
    "join",
    "monitors",
)
"""What decides whether a control passes; a change here is never editorial."""


class Interval(Protocol):
    """A half-open stretch of time, in microseconds since the epoch, UTC."""

    @property
    def begins(self) -> int:
        """The first microsecond."""

    @property
    def ends(self) -> int:
        """The first microsecond after it."""


@dataclass(frozen=True, slots=True)
class Version:
    """The library from one ledger entry until the next."""

    recorded_at: int
    seq: int
    library: Library | None
    """None when the entry holds only a digest, as the first releases wrote it, or a form that came later."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch [begins, ends) of a period in which one control did not change in substance."""

    begins: int
    ends: int
    control: Control | None
    """Its newest wording there; None when no such promise is known to have been in force."""
    why: str
    """Why there is none; empty when there is one."""


def to_json(library: Library) -> dict[str, Any]:
    """All of a library that is kept, as plain JSON values."""
    return {
        "form": FORM,
        "digest": library.digest,
        "scope": {
            "categories": list(library.scope.categories),
            "profile": library.scope.profile,
            "left_out": dict(library.scope.left_out),
            "not_relevant": dict(library.scope.not_relevant),
        },
        "controls": [_control_to_json(control) for control in library.controls.values()],
        "disabled": dict(library.disabled),
    }


def body(library: Library) -> bytes:
    """The body of a policy entry: the same library always gives the same bytes."""
    return canon.canonical(to_json(library))


def from_json(said: Mapping[str, Any]) -> Library:
    """The library that `to_json` wrote.  Its checks need not exist any more.

    Raises ValueError when it is none, or of a form that this release does not know.
    """
    if said.get("form") != FORM or isinstance(said.get("form"), bool):
        raise ValueError(f"its form is {said.get('form')!r}, and this release reads {FORM}")
    try:
        scope = said["scope"]
        controls = [_control_from_json(each) for each in said["controls"]]
        return Library(
            {control.id: control for control in controls},
            dict(said["disabled"]),
            said["digest"],
            Scope(tuple(scope["categories"]), scope["profile"], dict(scope["left_out"]), dict(scope["not_relevant"])),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is no control library: {error}") from error


def versions(conn: Connection) -> list[Version]:
    """Every version of the library, oldest first.  Raises IntegrityError for a body that is lost or malformed."""
    query = select(ledger.c.seq, ledger.c.recorded_at, ledger.c.entry).where(ledger.c.type == "policy")
    entries = [(row, canon.parse_canonical(bytes(row.entry))) for row in conn.execute(query.order_by(ledger.c.seq))]
    wanted = [(row, bytes.fromhex(str(said["body_sha"]))) for row, said in entries if said["kind"] == POLICY]
    digests = {digest for _, digest in wanted}
    bids = blobs.find(conn, digests)
    if lost := digests - bids.keys():
        raise IntegrityError(f"a version of the control library is not kept: no blob has the hash {min(lost).hex()}")
    contents = blobs.load(conn, bids.values())
    read = {digest: _read(digest, contents[bids[digest]]) for digest in digests}
    return [Version(row.recorded_at, row.seq, read[digest]) for row, digest in wanted]


def at(known: Sequence[Version], instant: int) -> Version | None:
    """The version recorded last at or before an instant; None when there was none yet."""
    return next((version for version in reversed(known) if version.recorded_at <= instant), None)


def in_force(known: Sequence[Version], control_id: str, instant: int) -> tuple[Control | None, str]:
    """The control as it was promised at an instant, or None and why there was none.

    A version counts from the moment at which it was recorded, never before.  One that names a later first day leaves
    the version before it in force until then.
    """
    why = "no control library was recorded yet"
    for version in reversed(known):
        if version.recorded_at > instant:
            continue
        if version.library is None:
            return None, f"ledger entry {version.seq} keeps no more of the control library than a digest"
        control = version.library.controls.get(control_id)
        if control is None:
            reason = version.library.disabled.get(control_id)
            return None, f"it was disabled: {reason}" if reason else "it was not in the control library"
        if control.effective_to is not None and _midnight(control.effective_to) <= instant:
            return None, f"it was in force until {control.effective_to}"
        if control.effective_from is None or _midnight(control.effective_from) <= instant:
            return control, ""
        why = f"it was to be in force from {control.effective_from}"
    return None, why


def whole_at(known: Sequence[Version], instant: int) -> Library | None:
    """The library as it was promised at an instant, each control in the wording in force; None when none is known.

    A control whose first day still lay ahead is there in the wording before, or not at all.
    """
    version = at(known, instant)
    if version is None or version.library is None:
        return None
    promised = {name: in_force(known, name, instant)[0] for name in version.library.controls}
    return replace(version.library, controls={name: each for name, each in promised.items() if each is not None})


def segments(known: Sequence[Version], control_id: str, period: Interval) -> list[Segment]:
    """The period cut where the control changed in substance, without holes, oldest first.

    Rules (criteria, frequency, kind, key, severity, days, policy, checks, numbers, due rule, compensation,
    applicability, what lists its occasions and tests them) always cut; the promise, the procedure and the due text cut
    unless the new version is editorial and approved as such.  Titles, owners, explanations and dates never do.
    """
    found: list[Segment] = []
    for begins, ends in _stretches(known, control_id, period):
        control, why = in_force(known, control_id, begins)
        last = found[-1] if found else None
        if last is not None and _continues(last, control, why):
            found[-1] = Segment(last.begins, ends, control, why)
        else:
            found.append(Segment(begins, ends, control, why))
    return found


def substantive(before: Control, after: Control) -> bool:
    """Whether a change of a control splits a period."""
    if any(getattr(before, name) != getattr(after, name) for name in _RULES if name != "criteria"):
        return True
    if _mapping(before) != _mapping(after):
        return True
    if after.editorial and after.approved_by:
        return False
    return any(getattr(before, name) != getattr(after, name) for name in _PROSE)


def _continues(last: Segment, control: Control | None, why: str) -> bool:
    if last.control is None or control is None:
        return last.control is control and last.why == why
    return not substantive(last.control, control)


def _stretches(known: Sequence[Version], control_id: str, period: Interval) -> list[tuple[int, int]]:
    """The period cut at each instant at which anything could have changed for the control."""
    cuts = {version.recorded_at for version in known}
    for version in known:
        control = version.library.controls.get(control_id) if version.library else None
        if control is not None:
            cuts |= {_midnight(day) for day in (control.effective_from, control.effective_to) if day is not None}
    inner = sorted(cut for cut in cuts if period.begins < cut < period.ends)
    edges = [period.begins, *inner, period.ends]
    return [(begins, ends) for begins, ends in pairwise(edges) if begins < ends]


def _mapping(control: Control) -> set[tuple[str, Strength]]:
    """What a control serves, without the reasons in words."""
    return {(criterion.id, criterion.strength) for criterion in control.criteria}


def _midnight(day: date) -> int:
    return clock.from_datetime(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _read(digest: bytes, content: bytes) -> Library | None:
    try:
        said = canon.parse_canonical(content)
    except NotEncodable as error:
        raise _malformed(digest, str(error)) from error
    form = said.get("form")
    if said.keys() == {"digest"} or (isinstance(form, int) and form > FORM):
        return None
    try:
        return from_json(said)
    except ValueError as error:
        raise _malformed(digest, str(error)) from error


def _malformed(digest: bytes, why: str) -> IntegrityError:
    return IntegrityError(f"blob {digest.hex()}: as a version of the control library it is malformed: {why}")


def _control_to_json(control: Control) -> dict[str, Any]:
    said = asdict(control)
    for name in ("effective_from", "effective_to"):
        day = getattr(control, name)
        said[name] = None if day is None else day.isoformat()
    for name in ("frequency", "kind", "policy", "covers"):
        said[name] = getattr(control, name).value
    said["criteria"] = [{"id": each.id, "strength": each.strength.value, "why": each.why} for each in control.criteria]
    said["params"] = {
        check_id: {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        for check_id, values in control.params.items()
    }
    return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}


def _control_from_json(said: Mapping[str, Any]) -> Control:
    fields = dict(said)
    fields["criteria"] = tuple(
        Criterion(each["id"], Strength(each["strength"]), each["why"]) for each in said["criteria"]
    )
    fields["frequency"], fields["kind"] = Frequency(said["frequency"]), Kind(said["kind"])
    fields["policy"], fields["covers"] = Policy(said["policy"]), Covers(said["covers"])
    fields["params"] = {
        check_id: {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
        for check_id, values in said["params"].items()
    }
    fields["due_rule"] = DueRule(**said["due_rule"]) if said["due_rule"] else None
    for name in ("checks", "compensates_for", "compensated_by"):
        fields[name] = tuple(said[name])
    for name in ("effective_from", "effective_to"):
        fields[name] = date.fromisoformat(said[name]) if said[name] else None
    return Control(**fields)
