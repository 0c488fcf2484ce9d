"""From the controls of a period to its criteria, its categories, and the estimate with its label."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from agent.audit import readiness, rollup
from agent.audit.parameters import Parameters
from agent.audit.periods import Period, iso
from agent.audit.readiness import ReadinessEstimate
from agent.audit.rollup import CategoryStatus, CriterionStatus, MappedControl, Status
from agent.evaluation.conclude import Concluded
from checks.criteria import Category, in_scope
from checks.library import Library


@dataclass(frozen=True, slots=True)
class Rolled:
    """Where the criteria stand."""

    criteria: Mapping[str, CriterionStatus]
    categories: tuple[CategoryStatus, ...]
    estimate: ReadinessEstimate


def criterion_status(name: str, found: Mapping[str, Concluded], promised: Library, period: Period) -> CriterionStatus:
    """The status of one criterion from the conclusions on all controls."""
    out = promised.scope.out()
    if name in out:
        return rollup.criterion((), not_applicable=out[name])
    serving = [each for each in found.values() if any(one.id == name for one in each.control.criteria)]
    applied = [each for each in serving if each.conclusion is not None]
    if serving and not applied and (idle := [each for each in serving if each.control.not_applicable]) == serving:
        said = "; ".join(f"{each.control.id}: {each.control.not_applicable}" for each in idle)
        return rollup.criterion((), not_applicable=said)
    if applied and (hole := _hole(name, applied, period)):
        return CriterionStatus(
            Status.NOT_MET,
            f"no control for it was in force from {iso(hole.begins)} until {iso(hole.ends)}",
            tuple(each.control.id for each in applied),
        )
    mapped = [
        MappedControl(
            id=each.control.id,
            key=each.control.key,
            conclusion=each.conclusion,
            compensated_by=promised.compensating(each.control.id) if each.control.id in promised.controls else (),
        )
        for each in applied
        if each.conclusion is not None
    ]
    elsewhere = {key: each.conclusion for key, each in found.items() if each.conclusion is not None}
    return rollup.criterion(mapped, elsewhere)


def roll_up(
    found: Mapping[str, Concluded],
    promised: Library,
    period: Period,
    *,
    cut_off: int,
    parameters: Parameters,
    assumptions: Iterable[str] = (),
) -> Rolled:
    """Every criterion of the chosen categories, and what they point to."""
    chosen = [Category(each) for each in promised.scope.categories]
    names = in_scope(promised.scope.categories)
    criteria = {name: criterion_status(name, found, promised, period) for name in names}
    statuses = {name: each.status for name, each in criteria.items()}
    return Rolled(
        criteria,
        rollup.categories(chosen, statuses),
        readiness.estimate(
            statuses,
            scope=promised.scope.words().removeprefix("scope: "),
            cut_off=cut_off,
            parameters=parameters,
            assumptions=assumptions,
        ),
    )


def _hole(name: str, applied: Iterable[Concluded], period: Period) -> Period | None:
    """The first stretch of the period in which no control for a criterion was in force."""
    reached = period.begins
    for begins, ends in sorted(_in_force(name, applied)):
        if begins > reached:
            return Period(reached, begins)
        reached = max(reached, ends)
    return Period(reached, period.ends) if reached < period.ends else None


def _in_force(name: str, applied: Iterable[Concluded]) -> Iterator[tuple[int, int]]:
    for each in applied:
        for part in each.parts:
            if part.control is not None and any(one.id == name for one in part.control.criteria):
                yield part.period.begins, part.period.ends
