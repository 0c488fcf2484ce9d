"""Clocks that disagree, evidence that comes late, and records that claim to be older than they are."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.audit.clocks import Addition, ClockQuality, Source, admit, backdated, backward_steps, freeze_at, read
from agent.audit.parameters import DAY, HOUR, SECOND, Parameters
from agent.audit.periods import iso
from tests.agent.audit.vectors import each, instant

DEFAULTS = Parameters()
T = instant("2026-03-11T12:00:00Z")
"""A Wednesday."""


@each("clock")
def test_the_example(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """The effective time and the quality of the worked example."""
    shown = read(instant(given["agent_time"]), instant(given["provider_time"]), DEFAULTS).to_json()
    assert {name: shown[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("skew", "quality", "effective"),
    [
        (5 * SECOND, ClockQuality.OK, T + 5 * SECOND),
        (-5 * SECOND, ClockQuality.OK, T - 5 * SECOND),
        (5 * SECOND + 1, ClockQuality.WARN, T),
        (300 * SECOND, ClockQuality.WARN, T),
        (300 * SECOND + 1, ClockQuality.UNTRUSTED, T),
        (-301 * SECOND, ClockQuality.UNTRUSTED, T),
    ],
)
def test_the_limits_of_skew(skew: int, quality: ClockQuality, effective: int) -> None:
    """Both limits belong to the better side, and the sign plays no part."""
    found = read(T + skew, T, DEFAULTS)
    assert (found.quality, found.effective, found.skew) == (quality, effective, skew)


def test_without_the_providers_time_nothing_was_checked() -> None:
    """An absent clock is no agreeing clock."""
    found = read(T, None, DEFAULTS)
    assert (found.quality, found.effective, found.to_json()["skew_seconds"]) == (ClockQuality.UNCHECKED, T, None)


@given(st.lists(st.integers(0, 20)))
def test_database_time_never_runs_backwards(times: list[int]) -> None:
    """Each step back is found where it happens; a standstill is none."""
    assert (backward_steps(times) == ()) == (times == sorted(times))
    assert all(times[place] < times[place - 1] for place in backward_steps(times))


def test_automated_evidence_is_late_after_a_day() -> None:
    """It counts when the chain proves that it was spooled, and is flagged."""
    in_time = admit(Source.AUTOMATED, T, T + DAY, DEFAULTS, proven=False)
    assert (in_time.counts, in_time.late, in_time.reason) == (True, False, "")
    proven = admit(Source.AUTOMATED, T, T + DAY + 1, DEFAULTS, proven=True)
    assert (proven.counts, proven.late) == (True, True)
    unproven = admit(Source.AUTOMATED, T, T + DAY + 1, DEFAULTS, proven=False)
    assert unproven.to_json() == {
        "counts": False,
        "late": True,
        "reason": "received 24.0 h after it was made, and nothing proves that it is of that time",
    }


def test_manual_evidence_has_five_business_days() -> None:
    """From Wednesday noon to the next Wednesday noon; from Saturday to Friday."""
    for made, due in ((T, T + 7 * DAY), (T + 3 * DAY, T + 9 * DAY)):
        assert not admit(Source.MANUAL, made, due, DEFAULTS, proven=False).late, iso(made)
        assert admit(Source.MANUAL, made, due + 1, DEFAULTS, proven=False).late, iso(made)


def test_business_days_are_those_of_the_company() -> None:
    """Friday evening in UTC is Saturday in Auckland, whose five days end on Friday there."""
    friday_evening = instant("2026-03-13T20:00:00Z")
    auckland = ZoneInfo("Pacific/Auckland")
    assert not admit(Source.MANUAL, friday_evening, friday_evening + 7 * DAY, DEFAULTS, proven=False).late
    there = admit(Source.MANUAL, friday_evening, friday_evening + 6 * DAY + 1, DEFAULTS, proven=False, zone=auckland)
    assert there.late


def test_the_set_is_frozen_45_days_after_the_period() -> None:
    """The default, from the half-open end."""
    assert iso(freeze_at(instant("2026-01-01T00:00:00Z"), DEFAULTS)) == "2026-02-15T00:00:00Z"


def test_an_addition_after_the_freeze_needs_a_reason() -> None:
    """It is kept apart, with its date and reason."""
    assert Addition("e1", 0, "the auditor asked").to_json()["received"] == "1970-01-01T00:00:00Z"
    with pytest.raises(ValueError, match="e1: came after the freeze"):
        Addition("e1", 0, " ")


def test_a_record_may_be_a_week_older_than_its_trace() -> None:
    """Not a moment more; without a trace nothing is shown."""
    assert not backdated(T - 7 * DAY, T, DEFAULTS)
    assert backdated(T - 7 * DAY - 1, T, DEFAULTS)
    assert not backdated(T + HOUR, T, DEFAULTS)
    assert not backdated(T, None, DEFAULTS)
