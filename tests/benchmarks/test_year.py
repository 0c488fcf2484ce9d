"""The benchmark of the year at a size at which nothing is measured: that it runs, and asks what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks import year
from tests.benchmarks.lines import BenchmarkFailed, Line

RUNS, RESOURCES = 26, 200


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a day and two hours are kept."""
    return tmp_path_factory.mktemp("year")


@pytest.fixture(scope="module")
def lines(folder: Path) -> list[Line]:
    """Everything that was measured on them."""
    return list(year.measure(folder, runs=RUNS, database="sqlite", resources=RESOURCES))


def test_each_question_has_a_line_with_its_budget(lines: list[Line]) -> None:
    """Size, seal, verification, two periods, two populations, a past time and a timeline are measured."""
    assert [(line.budget, line.unit) for line in lines] == [
        (90, "MB"), (60, "ms"), (5, "s"), (2, "s/100,000"), (2, "s/100,000"), (2, "s"), (2, "s"), (60, "ms"), (5, "ms"),
    ]  # fmt: skip
    assert all(line.measured > 0 for line in lines)


def test_the_whole_population_is_evaluated(lines: list[Line]) -> None:
    """The period is asked about every pair of check and resource, and finds what was planted."""
    told = next(line.note for line in lines if "26 hourly slots" in line.what)
    pairs = int(told.split(" pairs")[0].rpartition(" ")[2].replace(",", ""))

    assert pairs >= (RESOURCES + year.ACCOUNT) * 10
    assert "; 50 controls" in told
    assert " 0 failing intervals" not in told
    assert " 0 gaps" not in told


def test_a_year_that_is_there_is_only_asked(folder: Path, lines: list[Line]) -> None:
    """What was built is used again, and one of another length is refused."""
    built = json.loads((folder / "year-sqlite.json").read_text())
    again = list(year.measure(folder, runs=RUNS, database="sqlite", resources=RESOURCES))

    assert json.loads((folder / "year-sqlite.json").read_text()) == built
    assert again[0] == lines[0]
    with pytest.raises(BenchmarkFailed):
        list(year.measure(folder, runs=RUNS + 1, database="sqlite", resources=RESOURCES))
