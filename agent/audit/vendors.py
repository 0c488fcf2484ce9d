"""Which days of our period the reports and bridge letters of a subservice organization leave uncovered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from agent.audit.parameters import DAY, Parameters
from agent.audit.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorReport:
    """A report that was received: over [begins, ends), or as of one date."""

    begins: int
    ends: int
    type_two: bool
    """A Type I report speaks of one date and covers no period."""


@dataclass(frozen=True, slots=True)
class BridgeLetter:
    """A letter of the vendor's management over the time since its report, [begins, ends)."""

    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class VendorCoverage:
    """How far the period is covered.  An uncovered day is a deviation of our own monitoring control."""

    uncovered: tuple[Period, ...]
    uncovered_days: int
    """Rounded up: a part of a day is not covered either."""

    @property
    def passes(self) -> bool:
        """Whether every day is covered."""
        return not self.uncovered

    def to_json(self) -> dict[str, Any]:
        """Every part, as an evaluation stores and shows it."""
        return {
            "uncovered": [stretch.to_json() for stretch in self.uncovered],
            "uncovered_days": self.uncovered_days,
            "result": "pass" if self.passes else "fail",
        }


def cover(
    period: Period, reports: Iterable[VendorReport], letters: Iterable[BridgeLetter], parameters: Parameters
) -> VendorCoverage:
    """Lay Type II reports and bridge letters over our period.

    A letter counts from the end of a report, and for a limited number of days after it.  Without a report before it,
    it covers nothing.
    """
    full = [report for report in reports if report.type_two]
    covered = [(report.begins, report.ends) for report in full]
    reach = parameters.bridge_letter_days * DAY
    covered.extend(
        (max(letter.begins, report.ends), min(letter.ends, report.ends + reach))
        for letter in letters
        for report in full
    )
    uncovered = _without(period, covered)
    total = sum(stretch.ends - stretch.begins for stretch in uncovered)
    return VendorCoverage(uncovered, -(-total // DAY))


def _without(period: Period, covered: Iterable[tuple[int, int]]) -> tuple[Period, ...]:
    """What is left of the period."""
    left: list[Period] = []
    reached = period.begins
    for begins, ends in sorted(each for each in covered if each[0] < each[1]):
        if begins >= period.ends:
            break
        if begins > reached:
            left.append(Period(reached, begins))
        reached = max(reached, ends)
    if reached < period.ends:
        left.append(Period(reached, period.ends))
    return tuple(left)
