"""What the agent knows of the time since the last report: the data behind a bridge letter, marked unaudited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import cast

from sqlalchemy import Connection

from agent import library
from agent.audit.bridge import BridgePack
from agent.audit.periods import Period, iso
from agent.errors import OperatorError
from agent.evaluation import periods, registered, seals
from agent.evaluation.periods import Evaluation, Question
from agent.evaluation.registered import Register
from agent.library import Version
from agent.registers.kinds import Change, Incident
from agent.wiring import Wiring
from checks.library import Control, Library
from storage import history
from storage.rows import Target

_FIRST = "the control library was put on record; none was before"


def since(conn: Connection, as_of: int) -> int:
    """The end of the newest sealed period.  Raises OperatorError when none was sealed."""
    known = [each.ends for each in seals.load(conn, as_of)]
    if not known:
        raise OperatorError("--from: no period was sealed yet; write the end of the last report")
    return max(known)


def pack(conn: Connection, wiring: Wiring, question: Question) -> BridgePack:
    """Everything on record of the time that a question asks about.  Raises OperatorError, IntegrityError."""
    found = periods.evaluate(conn, wiring, question)
    period = found.known.period
    changes, incidents = (registered.load(conn, kind, question.as_of) for kind in ("changes", "incidents"))
    return BridgePack(
        begins=period.begins,
        ends=period.ends,
        controls={name: each.conclusion for name, each in found.controls.items() if each.conclusion is not None},
        idle={name: each.word for name, each in found.controls.items() if each.conclusion is None},
        system=(*_promises(found.known.versions, period), *_targets(conn, period)),
        changes=None if changes is None else tuple(_changes(changes, period)),
        incidents=None if incidents is None else tuple(_incidents(incidents, period)),
        gaps=tuple(_gaps(found)),
        parameters=question.parameters,
    )


def _promises(versions: Sequence[Version], period: Period) -> Iterator[str]:
    """What changed in the control library."""
    for before, after in zip([None, *versions], versions, strict=False):
        if not period.holds(after.recorded_at) or after.library is None:
            continue
        where = f"{iso(after.recorded_at)}, ledger entry {after.seq}"
        if before is None or before.library is None:
            yield f"{where}: {_FIRST}"
        else:
            yield from (f"{where}: {said}" for said in _differences(before.library, after.library))


def _differences(before: Library, after: Library) -> Iterator[str]:
    old, new = before.controls, after.controls
    for name in (each for each in old if each not in new):
        reason = after.disabled.get(name)
        yield f"control {name} was removed" + (f": {reason}" if reason else "")
    for name, control in new.items():
        if name not in old:
            yield f"control {name} was added: {control.title}"
        elif changed := _changed(old[name], control):
            kind = "in substance" if library.substantive(old[name], control) else "in wording"
            yield f"control {name} changed {kind}: {', '.join(changed)}"
    if before.scope != after.scope:
        yield f"the scope changed: {after.scope.words()}"


def _changed(before: Control, after: Control) -> list[str]:
    return [each.name for each in fields(Control) if getattr(before, each.name) != getattr(after, each.name)]


def _targets(conn: Connection, period: Period) -> Iterator[str]:
    """Accounts that were read for the first time, and those that no run read any more."""
    earlier = history.runs_between(conn, 0, period.begins)
    now = history.runs_between(conn, period.begins, period.ends)
    for who, runs in now.items():
        if who not in earlier:
            yield f"{iso(runs[0].recorded)}, ledger entry {runs[0].seq}: {_name(who)} is read from here on"
    for who, runs in earlier.items():
        if who not in now:
            yield f"{_name(who)} was read last at {iso(runs[-1].recorded)}, ledger entry {runs[-1].seq}"


def _name(who: Target) -> str:
    return f"{who.cloud} account {who.account} ({who.name})"


def _changes(register: Register, period: Period) -> Iterator[str]:
    yield from _drawn_early(register, period)
    for row in cast("Sequence[Change]", register.rows):
        if period.holds(row.deployed_at):
            more = f": {row.description}" if row.description else ""
            yield f"{iso(row.deployed_at)}, {row.id}, {row.kind}, {row.system}{more}"


def _incidents(register: Register, period: Period) -> Iterator[str]:
    """Those that were noticed in the time, or were still open when it began."""
    yield from _drawn_early(register, period)
    for row in cast("Sequence[Incident]", register.rows):
        over = row.resolved_at is not None and row.resolved_at <= period.begins
        if row.detected_at < period.ends and not over:
            ended = f"resolved {iso(row.resolved_at)}" if row.resolved_at is not None else "open"
            data = ", data involved" if row.data_involved else ""
            yield f"{iso(row.detected_at)}, {row.id}, {row.severity}, {ended}{data}: {row.title}"


def _drawn_early(register: Register, period: Period) -> Iterator[str]:
    """That a list cannot speak of all of the time."""
    made = register.made
    if made.as_of < period.ends:
        yield f"the list {made.id} speaks of {iso(made.as_of)} only; what came later is not on it"


def _gaps(found: Evaluation) -> Iterator[str]:
    """Each stretch without evidence, told once for all controls and resources that it concerns."""
    spans: dict[tuple[str, str], list[tuple[int, int]]] = {}
    concerned: dict[tuple[str, str], set[str]] = {}
    for name, each in found.controls.items():
        for missing in (one for part in each.parts if part.state for one in part.state.gaps):
            key = missing.gap.scan_unit, missing.gap.reason.value
            spans.setdefault(key, []).append((missing.gap.begins, missing.gap.ends))
            concerned.setdefault(key, set()).add(name)
    for (unit, reason), stretches in sorted(spans.items()):
        controls = len(concerned[unit, reason])
        for begins, ends in _joined(stretches):
            yield f"{iso(begins)} … {iso(ends)}, {reason}, {unit or 'everything'} ({controls} controls)"


def _joined(stretches: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The stretches in order, those that touch made one."""
    last: tuple[int, int] | None = None
    for begins, ends in sorted(stretches):
        if last is None:
            last = begins, ends
        elif begins <= last[1]:
            last = last[0], max(last[1], ends)
        else:
            yield last
            last = begins, ends
    if last is not None:
        yield last
