"""Type I: whether each control was designed, and in place, at one instant, by what was on record then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from agent import approvals, clock, library
from agent.approvals import Approval
from agent.attest import Attestation
from agent.audit import type1
from agent.audit.coverage import Status, Unit
from agent.audit.parameters import DAY, HOUR, Parameters
from agent.audit.periods import Period
from agent.audit.type1 import Design, TypeOne, TypeOneResult
from agent.evaluation import conclude, gather, people
from agent.evaluation.gather import Known
from agent.evaluation.reliability import Limits
from agent.library import Version
from agent.wiring import Wiring
from checks.library import WITH_SLOTS, Control, Library

_WORST_FIRST = (
    TypeOne.DESIGN_DEFICIENCY,
    TypeOne.NOT_IMPLEMENTED,
    TypeOne.UNABLE_TO_CONCLUDE,
    TypeOne.DESIGNED_AND_IMPLEMENTED,
)
_AHEAD = 732 * DAY
"""How far the first due instant of any frequency can lie ahead: two years."""


@dataclass(frozen=True, slots=True)
class Instant:
    """Every control in force at one instant."""

    at: int
    position: int
    """Newest ledger entry by then."""
    version: Version
    library: Library
    parameters: Parameters
    controls: dict[str, tuple[Control, TypeOneResult]]

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "at": clock.iso(self.at),
            "ledger_entry": self.position,
            "library": {"digest": self.library.digest, "entry": self.version.seq},
            "scope": self.library.scope.words(),
            "parameters": self.parameters.to_json(),
            "controls": [
                {"control": name, "title": control.title, "kind": control.kind.value, **result.to_json()}
                for name, (control, result) in self.controls.items()
            ],
        }


def evaluate(
    conn: Connection, wiring: Wiring, instant: int, *, control: str | None = None, parameters: Parameters | None = None
) -> Instant:
    """Judge each control in force at an instant, or only `control`.  Raises OperatorError, IntegrityError."""
    parameters = parameters or Parameters()
    versions = gather.versions_at(conn, instant)
    promised = conclude.promised(versions, instant)
    cadence = gather.cadence_at(conn, instant, parameters)
    opens = instant - max(parameters.type1_hours * HOUR, parameters.type1_cadences * cadence)
    window = Period(opens, instant + 1)
    chosen = conclude.chosen(conclude.controls_of(versions, window), control)
    checks = conclude.checks_of(versions, chosen)
    known = gather.gather(conn, wiring, window, window, instant, checks, limits=Limits(parameters))
    approved = approvals.load(conn)
    found = {}
    for name in chosen:
        one, _ = library.in_force(versions, name, instant)
        if one is not None and not one.not_applicable:
            found[name] = one, _judge(one, known, approved, instant, parameters)
    return Instant(instant, known.position, *promised, parameters, found)


def _judge(
    control: Control, known: Known, approved: Iterable[Approval], instant: int, parameters: Parameters
) -> TypeOneResult:
    design = Design(
        description=bool(control.text),
        owner=bool(control.owner),
        criteria=bool(control.criteria),
        frequency=True,
        pass_rule_or_procedure=bool(control.checks or control.procedure),
        approved=approvals.of(control, approved, instant) is not None,
    )
    found = []
    if control.checks:
        units = [unit for check in control.checks for unit in known.units.get(check, ())]
        there = [unit for unit in (*units, *known.blind) if unit.ends is None or unit.ends > instant]
        seen: dict[str, list[tuple[int, Status]]] = {}
        for unit in there:
            seen.setdefault(unit.id, []).extend(_observations(unit, known.period))
        found.append(type1.automated(design, instant, known.cadence, seen, parameters))
    if control.by_people:
        performed = list(_performed(control, known.attestations, instant, parameters))
        found.append(type1.periodic(design, instant, performed, _first_due(control, known.versions, instant)))
    if not found:
        why = f"no check tests it so far: {control.not_yet}"
        found.append(TypeOneResult(TypeOne.UNABLE_TO_CONCLUDE, why))
    return min(found, key=lambda each: _WORST_FIRST.index(each.result))


def _observations(unit: Unit, window: Period) -> Iterator[tuple[int, Status]]:
    """What the runs of the window said of a unit."""
    runs = [run for run in unit.reads.runs if window.holds(run)]
    for begins, ends, status in unit.stretches():
        yield from ((run, status) for run in runs if begins <= run < ends)


def _performed(
    control: Control, evidence: Iterable[Attestation], instant: int, parameters: Parameters
) -> Iterator[int]:
    for each in evidence:
        shown = people.operation(each, parameters)
        over = each.expires is not None and each.expires <= instant
        if each.control == control.id and shown.reliable and not (each.backdated or each.exception or over):
            yield shown.performed_at


def _first_due(control: Control, versions: Sequence[Version], instant: int) -> int | None:
    """When it is due first under the design in force; None for a control that is due when something happens."""
    if control.frequency not in WITH_SLOTS:
        return None
    since = Period(min(versions[0].recorded_at, instant), instant + 1)
    begins = library.segments(versions, control.id, since)[-1].begins
    return next(iter(people.calendar_of(control).due(Period(begins, begins + _AHEAD))), None)
