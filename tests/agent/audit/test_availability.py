"""Availability against a commitment, with minutes that nobody measured."""

from __future__ import annotations

from typing import Any

import pytest

from agent.audit.availability import Met, availability
from agent.audit.parameters import Parameters
from tests.agent.audit.vectors import each

DEFAULTS = Parameters()


@each("sla")
def test_the_example(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """The percentage and the result of the worked example."""
    found = availability(
        total=given["total_minutes"],
        maintenance=given["maintenance_minutes"],
        unmeasured=given["unmeasured_minutes"],
        down=given["down_minutes"],
        target_percent=given["target_pct"],
        parameters=DEFAULTS,
    )
    assert found.percent is not None
    assert round(found.percent, 4) == expected["availability_pct"]
    assert found.to_json()["result"] == expected["result"]


@pytest.mark.parametrize(
    ("unmeasured", "down", "result"),
    [
        (1000, 0, Met.UNABLE_TO_CONCLUDE),
        (51, 0, Met.UNABLE_TO_CONCLUDE),
        (50, 0, Met.PASS),
        (500, 2, Met.FAIL),
        (500, 1, Met.UNABLE_TO_CONCLUDE),
    ],
)
def test_unmeasured_minutes_are_neither_up_nor_down(unmeasured: int, down: int, result: Met) -> None:
    """Too many of them keep no target, and break it only when it would be broken with all of them up."""
    found = availability(
        total=1000, maintenance=0, unmeasured=unmeasured, down=down, target_percent=99.9, parameters=DEFAULTS
    )
    assert found.result is result


def test_a_period_of_maintenance_shows_nothing() -> None:
    """No minute counts, so there is no percentage."""
    found = availability(total=60, maintenance=60, unmeasured=0, down=0, target_percent=99.9, parameters=DEFAULTS)
    assert (found.percent, found.result) == (None, Met.UNABLE_TO_CONCLUDE)


def test_parts_beyond_the_whole_are_refused() -> None:
    """Down time cannot exceed the minutes that count."""
    with pytest.raises(ValueError, match="exceed"):
        availability(total=60, maintenance=30, unmeasured=0, down=31, target_percent=99.9, parameters=DEFAULTS)
