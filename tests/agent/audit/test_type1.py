"""Type I: design and implementation at one instant."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.audit.coverage import Status
from agent.audit.parameters import DAY, HOUR, MINUTE, Parameters
from agent.audit.type1 import Design, TypeOne, automated, periodic
from tests.agent.audit.vectors import each, instant

DEFAULTS = Parameters()
COMPLETE = Design(
    description=True, owner=True, criteria=True, frequency=True, pass_rule_or_procedure=True, approved=True
)
T = 1000 * DAY


@each("type1")
def test_the_example(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """The result of the worked example; it says nothing of the parts of a design that it does not name."""
    found = automated(
        replace(COMPLETE, **given["design"]),
        instant(given["as_of"]),
        given["cadence_hours"] * HOUR,
        {"unit": [(instant(one["at"]), Status(one["status"])) for one in given["observations"]]},
        DEFAULTS,
    )
    assert found.to_json()["result"] == expected["result"]


def result(*observations: tuple[int, Status], cadence: int = HOUR) -> TypeOne:
    """The result for one unit of a well-designed control."""
    return automated(COMPLETE, T, cadence, {"unit": observations}, DEFAULTS).result


@pytest.mark.parametrize(
    "part", ["description", "owner", "criteria", "frequency", "pass_rule_or_procedure", "approved"]
)
def test_each_part_of_the_design_is_needed(part: str) -> None:
    """The deficiency names it, whatever the observations say."""
    lacking = replace(COMPLETE, **{part: False})
    found = automated(lacking, T, HOUR, {"unit": [(T, Status.PASS)]}, DEFAULTS)
    assert (found.result, found.units) == (TypeOne.DESIGN_DEFICIENCY, (part,))
    assert periodic(lacking, T, [T], None).result is TypeOne.DESIGN_DEFICIENCY


def test_the_window_opens_a_day_before() -> None:
    """Or two cadences, whichever is longer; both of its ends belong to it."""
    assert result((T - DAY, Status.PASS)) is TypeOne.DESIGNED_AND_IMPLEMENTED
    assert result((T - DAY - 1, Status.PASS)) is TypeOne.UNABLE_TO_CONCLUDE
    assert result((T - 2 * DAY, Status.PASS), cadence=DAY) is TypeOne.DESIGNED_AND_IMPLEMENTED
    assert result((T, Status.PASS)) is TypeOne.DESIGNED_AND_IMPLEMENTED
    assert result((T + 1, Status.PASS)) is TypeOne.UNABLE_TO_CONCLUDE


def test_the_newest_decisive_observation_counts() -> None:
    """In whatever order they come; an error decides nothing."""
    assert result((T - HOUR, Status.FAIL), (T - 2 * HOUR, Status.PASS)) is TypeOne.NOT_IMPLEMENTED
    assert result((T - 2 * HOUR, Status.FAIL), (T - HOUR, Status.PASS)) is TypeOne.DESIGNED_AND_IMPLEMENTED
    assert result((T - HOUR, Status.PASS), (T - MINUTE, Status.ERROR)) is TypeOne.DESIGNED_AND_IMPLEMENTED
    assert result((T - HOUR, Status.PASS), (T - HOUR, Status.FAIL)) is TypeOne.NOT_IMPLEMENTED


def test_one_unit_decides_for_all() -> None:
    """A failing one first, then an unseen one."""
    units = {"a": [(T, Status.PASS)], "b": [(T, Status.ERROR)]}
    unseen = automated(COMPLETE, T, HOUR, units, DEFAULTS)
    assert (unseen.result, unseen.units) == (TypeOne.UNABLE_TO_CONCLUDE, ("b",))
    failing = automated(COMPLETE, T, HOUR, {**units, "c": [(T, Status.FAIL)]}, DEFAULTS)
    assert (failing.result, failing.units) == (TypeOne.NOT_IMPLEMENTED, ("c",))


def test_nothing_to_test_shows_nothing() -> None:
    """Neither a complete empty listing nor no unit at all is a pass."""
    assert result((T, Status.NA)) is TypeOne.UNABLE_TO_CONCLUDE
    assert automated(COMPLETE, T, HOUR, {}, DEFAULTS).result is TypeOne.UNABLE_TO_CONCLUDE
    some = {"a": [(T, Status.NA)], "b": [(T, Status.PASS)]}
    assert automated(COMPLETE, T, HOUR, some, DEFAULTS).result is TypeOne.DESIGNED_AND_IMPLEMENTED


def test_a_periodic_control_is_in_place_once_performed_or_not_yet_due() -> None:
    """Past its first due instant, only an operation shows it."""
    assert periodic(COMPLETE, T, [T - 90 * DAY], T - 60 * DAY).result is TypeOne.DESIGNED_AND_IMPLEMENTED
    assert periodic(COMPLETE, T, [], T + 1).result is TypeOne.DESIGNED_AND_IMPLEMENTED
    assert periodic(COMPLETE, T, [], T).result is TypeOne.UNABLE_TO_CONCLUDE
    assert periodic(COMPLETE, T, [T + 1], T).result is TypeOne.UNABLE_TO_CONCLUDE
    assert periodic(COMPLETE, T, [], None).result is TypeOne.UNABLE_TO_CONCLUDE


def test_nothing_speaks_of_operation() -> None:
    """A Type I says nothing of effectiveness."""
    shown = [automated(COMPLETE, T, HOUR, {"unit": [(T, status)]}, DEFAULTS).to_json() for status in Status] + [
        periodic(COMPLETE, T, done, due).to_json() for done in ([], [T]) for due in (None, T + 1)
    ]
    assert "effective" not in str(shown)
