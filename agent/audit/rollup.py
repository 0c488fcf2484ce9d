"""From the conclusions on controls to the status of each criterion, and on to the categories of an engagement.

Statuses are listed.  No percentage stands in for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from agent.audit.conclusions import Conclusion
from checks.criteria import Category, in_scope

_NO_CONTROL = "design_gap"
_WORKS = frozenset({Conclusion.EFFECTIVE, Conclusion.EFFECTIVE_WITH_DEVIATIONS})
_OPEN = frozenset({Conclusion.UNABLE_TO_CONCLUDE, Conclusion.EXPAND_SAMPLE, Conclusion.EXPAND_TO_CENSUS})
"""Nobody can tell, or not yet: a request for more tests is no conclusion."""


class Status(StrEnum):
    """Where a criterion stands."""

    MET = "met"
    MET_WITH_EXCEPTIONS = "met_with_exceptions"
    MET_NO_OPERATION = "met_no_operation"
    """No control for it had to operate; disclosed, and no failure."""
    NOT_DETERMINABLE = "not_determinable"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedControl:
    """One control that serves a criterion, with its conclusion."""

    id: str
    key: bool
    conclusion: Conclusion
    compensated_by: tuple[str, ...] = ()
    """Ids of controls that were named, before the evaluation, to address the same risk."""


@dataclass(frozen=True, slots=True)
class CriterionStatus:
    """The status of one criterion, and the controls that decided it."""

    status: Status
    reason: str
    """`design_gap` where no control serves it; the recorded reason where it is not applicable."""
    controls: tuple[str, ...] = ()
    """Ids of the controls that made the status what it is; empty when all is well."""

    def to_json(self) -> dict[str, Any]:
        """Every part, as an evaluation stores and shows it."""
        return {"status": self.status.value, "reason": self.reason, "controls": list(self.controls)}


@dataclass(frozen=True, slots=True)
class CategoryStatus:
    """The criteria of one category by status: its own and, but for security itself, the 33 common criteria."""

    category: Category
    criteria: Mapping[str, Status]
    """In canonical order."""

    def by_status(self) -> dict[Status, tuple[str, ...]]:
        """Ids of the criteria with each status; statuses that none has are absent."""
        found = {status: tuple(name for name, each in self.criteria.items() if each is status) for status in Status}
        return {status: names for status, names in found.items() if names}

    def to_json(self) -> dict[str, Any]:
        """Every part, as an evaluation stores and shows it."""
        listed = {status.value: list(names) for status, names in self.by_status().items()}
        return {"category": self.category.value, "criteria": listed}


def criterion(
    controls: Iterable[MappedControl], elsewhere: Mapping[str, Conclusion] | None = None, *, not_applicable: str = ""
) -> CriterionStatus:
    """The status of one criterion from the controls that serve it.

    `elsewhere` holds the conclusions of controls that serve other criteria and may compensate; `not_applicable` is
    the recorded reason why the criterion does not apply.
    Without a key control every control is one.
    """
    if not_applicable.strip():
        return CriterionStatus(Status.NOT_APPLICABLE, not_applicable)
    mapped = tuple(controls)
    if not mapped:
        return CriterionStatus(Status.NOT_MET, _NO_CONTROL)
    conclusions = {**(elsewhere or {}), **{each.id: each.conclusion for each in mapped}}
    decisive = [each for each in mapped if each.key] or mapped
    uncovered = [each for each in decisive if not _compensated(each, conclusions)]
    if failed := _ids(uncovered, {Conclusion.NOT_EFFECTIVE}):
        return CriterionStatus(Status.NOT_MET, "a key control is not effective and not compensated", failed)
    if unable := _ids(uncovered, _OPEN):
        return CriterionStatus(Status.NOT_DETERMINABLE, "nothing can be concluded on a key control", unable)
    if all(each.conclusion is Conclusion.NOT_OPERATED for each in mapped):
        idle = tuple(each.id for each in mapped)
        return CriterionStatus(Status.MET_NO_OPERATION, "no control had to operate in the period", idle)
    if exceptions := _ids(mapped, {Conclusion.EFFECTIVE_WITH_DEVIATIONS, Conclusion.NOT_EFFECTIVE, *_OPEN}):
        return CriterionStatus(Status.MET_WITH_EXCEPTIONS, "controls have exceptions", exceptions)
    return CriterionStatus(Status.MET, "every control that had to operate was effective")


def _compensated(control: MappedControl, conclusions: Mapping[str, Conclusion]) -> bool:
    return any(name != control.id and conclusions.get(name) in _WORKS for name in control.compensated_by)


def _ids(controls: Iterable[MappedControl], conclusions: Iterable[Conclusion]) -> tuple[str, ...]:
    wanted = set(conclusions)
    return tuple(each.id for each in controls if each.conclusion in wanted)


def categories(chosen: Iterable[Category], criteria: Mapping[str, Status]) -> tuple[CategoryStatus, ...]:
    """Each category of an engagement, security first, with the status of every criterion that it asks for.

    `criteria` holds the status of each criterion in scope; a criterion that is not relevant to the engagement has the
    status NOT_APPLICABLE.  Raises ValueError when a criterion has none: a missing status would read as a met one.
    """
    wanted = {Category.SECURITY, *chosen}
    found = []
    for category in (each for each in Category if each in wanted):
        names = in_scope([category.value])
        if missing := [name for name in names if name not in criteria]:
            raise ValueError(f"{category.value}: {', '.join(missing)} has no status; evaluate every criterion in scope")
        found.append(CategoryStatus(category, {name: criteria[name] for name in names}))
    return tuple(found)
