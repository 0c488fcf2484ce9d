"""The thresholds in the settings: the engine's defaults, each replaceable, each mistake one line that names its key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent import config
from agent.audit.parameters import GraceDays, Parameters, Risk, SampleRow
from agent.audit_section import Audit
from agent.errors import OperatorError


def load(folder: Path, text: str) -> Parameters:
    """The parameters of a settings file with this text."""
    path = folder / "proofkeep.toml"
    path.write_text(text, encoding="utf-8")
    return config.load(path).audit.parameters()


def test_the_defaults_are_those_of_the_engine() -> None:
    """A default that drifted would change conclusions without a word."""
    assert Audit().parameters() == Parameters()


def test_every_threshold_can_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain keys, both tables below them, and the environment over the file."""
    monkeypatch.setenv("PROOFKEEP_AUDIT__FREEZE_DAYS", "30")
    found = load(
        tmp_path,
        "[audit]\ncoverage_min = 0.9\nfreeze_days = 60\n[audit.grace_days]\nweekly = 1\n"
        "[[audit.sample_rows]]\nlargest = 10\nlow = 1\nmoderate = 2\nhigh = 3\n"
        "[[audit.sample_rows]]\nlow = 20\nmoderate = 30\nhigh = 50\npercent = 5\n",
    )
    rows = (SampleRow(10, 1, 2, 3), SampleRow(None, 20, 30, 50, 5))
    assert found == replace(
        Parameters(), coverage_min=0.9, freeze_days=30, grace_days=GraceDays(weekly=1), sample_rows=rows
    )
    assert [found.sample_size(size, Risk.HIGH) for size in (2, 10, 11, 2000)] == [2, 3, 11, 100]


@pytest.mark.parametrize(
    ("text", "key", "fix"),
    [
        ("coverage_min = 1.1", "audit.coverage_min", "less than or equal to 1"),
        ("coverage_min = nan", "audit.coverage_min", "Input should be"),
        ("tolerable_rate = -0.1", "audit.tolerable_rate", "greater than or equal to 0"),
        ("confidence = 1.0", "audit.confidence", "less than 1"),
        ("freeze_days = 1.5", "audit.freeze_days", "integer"),
        ("coverage = 0.9", "audit.coverage", "no such setting"),
        ("clock_warn_seconds = 3", "audit", "is below clock_ok_seconds; write at least the same"),
        ("grace_days = { daily = 1 }", "audit.grace_days.daily", "no such setting"),
        ("sample_rows = []", "audit", "sample_rows: are out of order; give growing populations"),
        ("sample_rows = [{ largest = 9, low = 1, moderate = 1, high = 1 }]", "audit", "a last row without a limit"),
        ("sample_rows = [{ low = 0, moderate = 1, high = 1 }]", "audit.sample_rows.0.low", "or equal to 1"),
    ],
)
def test_each_mistake_is_one_line(tmp_path: Path, text: str, key: str, fix: str) -> None:
    """File, key and fix."""
    with pytest.raises(OperatorError) as caught:
        load(tmp_path, f"[audit]\n{text}\n")
    said = str(caught.value)
    assert said.startswith(f"{tmp_path / 'proofkeep.toml'}: {key}: ")
    assert (fix in said, "\n" in said) == (True, False)
