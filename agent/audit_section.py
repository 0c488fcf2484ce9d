"""The `[audit]` table of the settings: the thresholds of an evaluation, which an auditor may replace one by one."""

from __future__ import annotations

from dataclasses import asdict

from pydantic import Field, model_validator

from agent.audit.parameters import GraceDays, Parameters, SampleRow
from agent.sections import Section

_USUAL, _GRACE = Parameters(), GraceDays()


class Grace(Section):
    """Days after its due instant in which what people do periodically is noted and forgiven."""

    weekly: int = Field(_GRACE.weekly, ge=0, le=366, description="Days, for weekly controls.")
    monthly: int = Field(_GRACE.monthly, ge=0, le=366, description="Days, for monthly controls.")
    quarterly: int = Field(_GRACE.quarterly, ge=0, le=366, description="Days, for quarterly controls.")
    semiannual: int = Field(_GRACE.semiannual, ge=0, le=366, description="Days, for half-yearly controls.")
    annual: int = Field(_GRACE.annual, ge=0, le=366, description="Days, for annual controls.")


class SampleSize(Section):
    """How many items to test of a population up to a size.  The rows together replace the default ones."""

    largest: int | None = Field(None, ge=1, description="Population that the row goes up to; the last row has none.")
    low: int = Field(ge=1, description="Items at low risk.")
    moderate: int = Field(ge=1, description="Items at moderate risk.")
    high: int = Field(ge=1, description="Items at high risk.")
    percent: int = Field(0, ge=0, le=100, description="At least so many items of a hundred, rounded up.")


class Audit(Section):
    """Every threshold of `period`, `type1`, `sample` and `bridge`.  Rates and shares are fractions of one."""

    continuous_cadence_minutes: int = Field(
        _USUAL.continuous_cadence_minutes,
        ge=1,
        le=1440,
        description="Slot of a continuous control while no schedule of the agent is on record.",
    )
    tolerable_rate: float = Field(
        _USUAL.tolerable_rate,
        ge=0,
        le=1,
        description="Share of deviating unit-slots, missed operations or exceptions above which a control fails.",
    )
    coverage_min: float = Field(_USUAL.coverage_min, ge=0, le=1, description="Least share of slots observed.")
    longest_gap_hourly_hours: int = Field(
        _USUAL.longest_gap_hourly_hours, ge=0, description="Longest gap in hours, of continuous and hourly controls."
    )
    longest_gap_daily_days: int = Field(
        _USUAL.longest_gap_daily_days, ge=0, description="Longest gap in days, of daily and slower controls."
    )
    flapping_count: int = Field(_USUAL.flapping_count, ge=2, description="Failing so often again is flapping,")
    flapping_days: int = Field(_USUAL.flapping_days, ge=1, description="within so many days.")
    serious_age_factor: int = Field(
        _USUAL.serious_age_factor, ge=1, description="A failure of high severity is serious past so many times its SLA."
    )
    waiver_longest_days: int = Field(_USUAL.waiver_longest_days, ge=1, le=366, description="Longest exception.")
    grace_days: Grace = Field(Grace(), description="Days of grace of periodic controls, by frequency.")
    few_slots: int = Field(_USUAL.few_slots, ge=0, description="Up to so many slots, one missed is too many.")
    some_slots: int = Field(
        _USUAL.some_slots, ge=0, description="Up to so many slots, `some_slots_missed` are; beyond, the rate decides."
    )
    some_slots_missed: int = Field(_USUAL.some_slots_missed, ge=1, description="See `some_slots`.")
    late_share: float = Field(_USUAL.late_share, ge=0, le=1, description="Late in more of the slots is a failure.")
    sample_rows: tuple[SampleSize, ...] = Field(
        tuple(SampleSize(**asdict(row)) for row in _USUAL.sample_rows),
        description="Sizes of samples, by growing population.",
    )
    statistics_from: int = Field(
        _USUAL.statistics_from, ge=1, description="Smallest sample that a statistical limit is computed for."
    )
    confidence: float = Field(_USUAL.confidence, gt=0, lt=1, description="Of the one-sided upper limit.")
    upper_limit_max: float = Field(_USUAL.upper_limit_max, ge=0, le=1, description="Highest limit that is accepted.")
    pervasive_share: float = Field(
        _USUAL.pervasive_share, ge=0, le=1, description="Share of the criteria from which a fault is pervasive."
    )
    pervasive_series: int = Field(
        _USUAL.pervasive_series, ge=1, le=9, description="Series of CC1 to CC9 from which a fault is pervasive."
    )
    clock_ok_seconds: int = Field(
        _USUAL.clock_ok_seconds, ge=0, description="Difference to the provider's clock that is not worth a word."
    )
    clock_warn_seconds: int = Field(
        _USUAL.clock_warn_seconds,
        ge=0,
        description="Difference up to which a run counts, disclosed; beyond it does not.",
    )
    late_automated_hours: int = Field(
        _USUAL.late_automated_hours, ge=1, description="What the agent reads is late this long after it was read."
    )
    late_manual_business_days: int = Field(
        _USUAL.late_manual_business_days, ge=0, description="Manual evidence is late after so many business days."
    )
    freeze_days: int = Field(_USUAL.freeze_days, ge=0, description="Days after its end until a period is to be sealed.")
    backdating_days: int = Field(
        _USUAL.backdating_days, ge=0, description="Claimed so long before its earliest trace, evidence does not count."
    )
    bridge_letter_days: int = Field(
        _USUAL.bridge_letter_days, ge=0, description="Days after a report that a bridge letter is accepted for."
    )
    type1_hours: int = Field(_USUAL.type1_hours, ge=1, description="`type1`: how old an observation may be in hours,")
    type1_cadences: int = Field(_USUAL.type1_cadences, ge=1, description="or in slots, whichever is longer.")

    @model_validator(mode="after")
    def _means_something(self) -> Audit:
        self.parameters()
        if self.clock_warn_seconds < self.clock_ok_seconds:
            message = "clock_warn_seconds: is below clock_ok_seconds; write at least the same"
            raise ValueError(message)
        return self

    def parameters(self) -> Parameters:
        """The set as the engine takes it.  Raises ValueError when it cannot mean anything."""
        given = self.model_dump()
        given["grace_days"] = GraceDays(**given["grace_days"])
        given["sample_rows"] = tuple(SampleRow(**row) for row in given["sample_rows"])
        return Parameters(**given)
