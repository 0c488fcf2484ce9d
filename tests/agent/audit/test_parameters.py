"""The thresholds: sample sizes, grace, and sets that mean nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.audit.parameters import GraceDays, Parameters, Risk, SampleRow

DEFAULTS = Parameters()


@pytest.mark.parametrize(
    ("population", "low", "moderate", "high"),
    [
        (0, 0, 0, 0),
        (1, 1, 1, 1),
        (2, 2, 2, 2),
        (4, 2, 2, 2),
        (5, 2, 3, 4),
        (12, 2, 3, 4),
        (13, 5, 7, 9),
        (52, 5, 7, 9),
        (53, 6, 7, 9),
        (91, 10, 10, 10),
        (250, 25, 25, 25),
        (251, 25, 40, 60),
        (100_000, 25, 40, 60),
    ],
)
def test_sample_sizes_at_each_boundary(population: int, low: int, moderate: int, high: int) -> None:
    """The table of the rules, with ten percent rounded up in the middle."""
    sizes = [DEFAULTS.sample_size(population, risk) for risk in (Risk.LOW, Risk.MODERATE, Risk.HIGH)]
    assert sizes == [low, moderate, high]


@given(st.integers(0, 10_000), st.sampled_from(Risk))
def test_a_sample_never_exceeds_its_population(population: int, risk: Risk) -> None:
    """Nobody is asked to test more items than there are."""
    assert DEFAULTS.sample_size(population, risk) <= population


def test_grace_by_frequency() -> None:
    """The defaults of the rules."""
    assert [DEFAULTS.grace_days.of(each) for each in ("weekly", "monthly", "quarterly", "annual")] == [2, 5, 15, 30]


def test_a_state_has_no_grace() -> None:
    """A daily slot is covered or not."""
    with pytest.raises(ValueError, match="daily: has no grace"):
        GraceDays().of("daily")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"tolerable_rate": 1.5}, "tolerable_rate: is 1.5"),
        ({"coverage_min": -0.1}, "coverage_min"),
        ({"confidence": 1.0}, "no sample gives certainty"),
        ({"freeze_days": -1}, "freeze_days: is negative"),
        ({"sample_rows": ()}, "sample_rows"),
        ({"sample_rows": (SampleRow(5, 1, 1, 1),)}, "sample_rows"),
        ({"sample_rows": (SampleRow(None, 1, 1, 1), SampleRow(None, 1, 1, 1))}, "sample_rows"),
        ({"sample_rows": (SampleRow(9, 1, 1, 1), SampleRow(5, 1, 1, 1), SampleRow(None, 1, 1, 1))}, "sample_rows"),
    ],
)
def test_a_set_that_means_nothing_is_refused(change: dict[str, object], says: str) -> None:
    """The error names the parameter."""
    with pytest.raises(ValueError, match=says):
        replace(DEFAULTS, **change)  # type: ignore[arg-type]


def test_the_whole_set_is_stored() -> None:
    """Every parameter survives JSON, the tables included."""
    stored = json.loads(json.dumps(DEFAULTS.to_json()))
    assert stored["grace_days"]["monthly"] == 5
    assert stored["sample_rows"][-1] == {"largest": None, "low": 25, "moderate": 40, "high": 60, "percent": 0}
    assert (stored["tolerable_rate"], stored["coverage_min"], stored["confidence"]) == (0.05, 0.95, 0.9)
