"""One line of the benchmark: what was measured, and what the budget allows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


class BenchmarkFailed(Exception):
    """Something did not run, so there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class Line:
    """One budget and what it was measured against."""

    name: str
    what: str
    measured: float
    budget: float
    unit: str
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether the budget holds."""
        return self.measured <= self.budget

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {**asdict(self), "ok": self.ok}


HEADING = f"{'budget':<9} {'what':<58} {'measured':>10} {'budget':>8} {'unit':<11} {'':<4}"


def show(line: Line) -> str:
    """The line as text; a note goes under it."""
    verdict = "ok" if line.ok else "OVER"
    text = f"{line.name:<9} {line.what:<58} {number(line.measured):>10} {number(line.budget):>8} "
    text += f"{line.unit:<11} {verdict:<4}"
    return f"{text.rstrip()}\n{'':<9}   {line.note}" if line.note else text.rstrip()


def number(value: float) -> str:
    """Three significant digits, and no more than the whole of a large number."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
