"""Every threshold of an evaluation.

The defaults are our own judgment.  No professional body prescribes a sample size or a pass mark, and an auditor may
replace any of them, so the set in force is stored and shown with each evaluation.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
"""In microseconds, like every instant of the engine."""


class Risk(StrEnum):
    """How much rests on a control, as the auditor sees it."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class GraceDays:
    """Days after its due instant in which a periodic operation is still no deviation."""

    weekly: int = 2
    monthly: int = 5
    quarterly: int = 15
    semiannual: int = 15
    annual: int = 30

    def of(self, frequency: str) -> int:
        """Days for one periodic frequency.  Raises ValueError for a frequency that has no due instants."""
        if frequency not in {each.name for each in fields(self)}:
            raise ValueError(f"{frequency}: has no grace; only weekly to annual controls have due instants")
        days: int = getattr(self, frequency)
        return days


@dataclass(frozen=True, slots=True)
class SampleRow:
    """How many items to test of a population up to a size."""

    largest: int | None
    """Population that this row goes up to; None for any."""
    low: int
    moderate: int
    high: int
    percent: int = 0
    """Test at least so many items of a hundred, rounded up."""

    def size(self, population: int, risk: Risk) -> int:
        """Items to test, never more than there are."""
        least = {Risk.LOW: self.low, Risk.MODERATE: self.moderate, Risk.HIGH: self.high}[risk]
        return min(population, max(least, -(-population * self.percent // 100)))


SAMPLE_ROWS = (
    SampleRow(1, 1, 1, 1),
    SampleRow(4, 2, 2, 2),
    SampleRow(12, 2, 3, 4),
    SampleRow(52, 5, 7, 9),
    SampleRow(250, 5, 7, 9, percent=10),
    SampleRow(None, 25, 40, 60),
)
"""From one operation a year up to many a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """The thresholds of one evaluation.  Rates and shares are fractions of one."""

    # State controls
    continuous_cadence_minutes: int = 15
    tolerable_rate: float = 0.05
    """Share of deviating unit-slots, missed operations or exceptions above which a control is not effective."""
    coverage_min: float = 0.95
    longest_gap_hourly_hours: int = 72
    """For continuous and hourly controls."""
    longest_gap_daily_days: int = 7
    flapping_count: int = 3
    flapping_days: int = 30
    serious_age_factor: int = 4
    """A failure of high severity is serious once its age exceeds so many times the SLA."""
    waiver_longest_days: int = 365

    # Periodic controls
    grace_days: GraceDays = GraceDays()
    few_slots: int = 4
    """Up to so many slots, one missed operation is too many."""
    some_slots: int = 12
    """Up to so many slots, `some_slots_missed` are too many; beyond, the tolerable rate decides."""
    some_slots_missed: int = 2
    late_share: float = 0.5
    """Late in more than this share of the slots is not effective."""

    # Event controls
    sample_rows: tuple[SampleRow, ...] = SAMPLE_ROWS
    statistics_from: int = 25
    """Smallest sample that a statistical limit is computed for; below, any exception calls for a census."""
    confidence: float = 0.90
    """Of the one-sided upper limit of the deviation rate."""
    upper_limit_max: float = 0.10

    # Roll-up
    pervasive_share: float = 0.20
    pervasive_series: int = 5
    """Of the nine series CC1 to CC9."""

    # Clocks, late and after-the-fact evidence
    clock_ok_seconds: int = 5
    clock_warn_seconds: int = 300
    late_automated_hours: int = 24
    late_manual_business_days: int = 5
    freeze_days: int = 45
    backdating_days: int = 7

    # Vendors and Type I
    bridge_letter_days: int = 92
    type1_hours: int = 24
    type1_cadences: int = 2

    def __post_init__(self) -> None:
        """Refuse a set that cannot mean anything.

        Raises ValueError that names the parameter.
        """
        for name in (
            "tolerable_rate",
            "coverage_min",
            "late_share",
            "confidence",
            "upper_limit_max",
            "pervasive_share",
        ):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name}: is {getattr(self, name)}; give a fraction from 0 to 1")
        if not 0 < self.confidence < 1:
            raise ValueError(f"confidence: is {self.confidence}; no sample gives certainty, stay between 0 and 1")
        if negative := [each.name for each in fields(self) if _negative(getattr(self, each.name))]:
            raise ValueError(f"{negative[0]}: is negative; give zero or more")
        limits = [row.largest for row in self.sample_rows]
        bounded = [limit for limit in limits[:-1] if limit is not None]
        if not limits or limits[-1] is not None or len(bounded) < len(limits) - 1 or bounded != sorted(set(bounded)):
            raise ValueError("sample_rows: are out of order; give growing populations and a last row without a limit")

    def sample_size(self, population: int, risk: Risk) -> int:
        """Items to test of a population of that size; 0 of none."""
        row = next(row for row in self.sample_rows if row.largest is None or population <= row.largest)
        return row.size(population, risk)

    def to_json(self) -> dict[str, Any]:
        """The whole set, as an evaluation stores and shows it."""
        return asdict(self)


def _negative(value: object) -> bool:
    return isinstance(value, int | float) and value < 0
