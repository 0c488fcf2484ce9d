"""How often a control is expected to operate is arithmetic on the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import clock
from agent.audit.parameters import DAY, HOUR, MINUTE
from agent.audit.periods import Calendar, Period, iso, renewal, slots
from agent.audit.periods import expected as occurrences
from tests.agent.audit.vectors import each, period

PERIODIC = ("weekly", "monthly", "quarterly", "semiannual", "annual")
days = st.dates(date(2019, 1, 1), date(2031, 12, 31))
lengths = st.integers(1, 800)


def _period(begins: str, ends: str) -> Period:
    return Period(clock.parse(begins), clock.parse(ends))


Y2025 = _period("2025-01-01", "2026-01-01")


@each("expected_occurrences")
def test_worked_examples(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """Each worked example comes to its number."""
    frequency = given["frequency"]
    offset = given.get("due_offset_hours", 0) * HOUR
    calendar = Calendar(frequency=frequency, offset=offset) if frequency in PERIODIC else None
    cadence = given.get("cadence_minutes", 15) * MINUTE

    number = occurrences(frequency, period(given["period"]), cadence=cadence, calendar=calendar)

    assert number == expected["expected"]


@pytest.mark.parametrize(
    ("frequency", "within", "number"),
    [
        ("hourly", Y2025, 8_760),
        ("daily", _period("2024-01-01", "2025-01-01"), 366),
        ("continuous", Y2025, 35_040),
        ("continuous", _period("2025-01-01T00:00", "2025-01-01T00:16"), 2),
        ("semiannual", Y2025, 2),
        ("annual", Y2025, 1),
        ("annual", _period("2025-03-01", "2025-12-01"), 0),
        ("weekly", _period("2025-01-06", "2025-01-13"), 1),
    ],
)
def test_expected(frequency: str, within: Period, number: int) -> None:
    """The end of a period counts for a due instant, its begin does not; a part of a slot is a slot."""
    assert occurrences(frequency, within) == number


def test_an_event_control_has_no_calendar() -> None:
    """Its expectation is its population, which no calendar knows."""
    with pytest.raises(ValueError, match="event"):
        occurrences("event", Y2025)
    with pytest.raises(ValueError, match="event"):
        slots("event", Y2025)


def test_a_calendar_of_another_frequency_is_refused() -> None:
    """A control is not counted by somebody else's calendar."""
    with pytest.raises(ValueError, match="monthly"):
        occurrences("annual", Y2025, calendar=Calendar(frequency="monthly"))


def test_a_cadence_of_nothing_is_refused() -> None:
    """There is no slot without length."""
    with pytest.raises(ValueError, match="cadence"):
        occurrences("continuous", Y2025, cadence=0)


@given(st.sampled_from(PERIODIC), days, lengths, lengths, st.integers(0, 40))
def test_periods_that_follow_each_other_share_no_due_instant(
    frequency: str, first: date, length: int, more: int, offset: int
) -> None:
    """Two adjacent periods have together exactly the due instants of the whole."""
    calendar = Calendar(frequency=frequency, offset=offset * DAY, zone="Europe/Berlin")
    left = Period.of_days(first, first + timedelta(days=length - 1), "Europe/Berlin")
    right = Period.of_days(first + timedelta(days=length), first + timedelta(days=length + more - 1), "Europe/Berlin")

    assert calendar.due(left) + calendar.due(right) == calendar.due(Period(left.begins, right.ends))


@given(st.sampled_from(("monthly", "quarterly", "semiannual", "annual")), st.integers(1, 12), days, lengths)
def test_slots_end_on_the_first_of_a_month(frequency: str, fiscal_month: int, first: date, length: int) -> None:
    """Against a look at every single day."""
    within = Period.of_days(first, first + timedelta(days=length - 1))
    step = {"monthly": 1, "quarterly": 3, "semiannual": 6, "annual": 12}[frequency]
    each_day = (first + timedelta(days=number) for number in range(1, length + 1))
    ends = [day for day in each_day if day.day == 1 and (day.month - fiscal_month) % step == 0]

    due = Calendar(frequency=frequency, fiscal_month=fiscal_month).due(within)

    assert due == tuple(clock.parse(day.isoformat()) for day in ends)


@given(days, lengths)
def test_weeks_end_on_monday(first: date, length: int) -> None:
    """Against a look at every single day."""
    each_day = (first + timedelta(days=number) for number in range(1, length + 1))

    due = Calendar(frequency="weekly").due(Period.of_days(first, first + timedelta(days=length - 1)))

    assert due == tuple(clock.parse(day.isoformat()) for day in each_day if day.weekday() == 0)


def test_an_anchor_sets_day_and_time() -> None:
    """A yearly review of 31 May at noon is due again at each 31 May at noon."""
    calendar = Calendar(frequency="annual", anchor=clock.parse("2024-05-31T12:00:00Z"))

    assert [iso(due) for due in calendar.due(_period("2025-01-01", "2027-01-01"))] == [
        "2025-05-31T12:00:00Z",
        "2026-05-31T12:00:00Z",
    ]
    assert calendar.due(_period("2025-07-01", "2026-01-01")) == ()


def test_an_anchor_on_a_day_that_a_month_lacks() -> None:
    """The last day of the shorter month stands in for it, and the next long month has its own again."""
    calendar = Calendar(frequency="monthly", anchor=clock.parse("2023-08-31"))

    due = [iso(instant)[:10] for instant in calendar.due(_period("2024-01-31", "2024-05-01"))]

    assert due == ["2024-02-29", "2024-03-31", "2024-04-30"]


def test_an_anchor_moves_weeks() -> None:
    """Weeks that end on Thursday at noon."""
    calendar = Calendar(frequency="weekly", anchor=clock.parse("2025-01-02T12:00:00Z"))

    due = [iso(instant) for instant in calendar.due(_period("2025-06-01", "2025-06-15"))]

    assert due == ["2025-06-05T12:00:00Z", "2025-06-12T12:00:00Z"]


def test_windows_reach_back_before_the_period() -> None:
    """The first window of a period begins at the due instant before it."""
    calendar = Calendar(frequency="monthly", offset=10 * DAY)

    found = [
        (iso(one.begins)[:10], iso(one.ends)[:10]) for one in calendar.windows(_period("2025-01-01", "2025-02-12"))
    ]

    assert found == [("2024-12-11", "2025-01-11"), ("2025-01-11", "2025-02-11")]


def test_due_instants_follow_the_clocks_of_the_zone() -> None:
    """Midnight in Berlin is 23:00 UTC in winter and 22:00 UTC in summer."""
    calendar = Calendar(frequency="quarterly", zone="Europe/Berlin")

    due = [iso(instant) for instant in calendar.due(_period("2025-01-01", "2025-12-01"))]

    assert due == ["2025-03-31T22:00:00Z", "2025-06-30T22:00:00Z", "2025-09-30T22:00:00Z"]


@pytest.mark.parametrize("month", [0, 13])
def test_a_month_that_does_not_exist(month: int) -> None:
    """Years begin with a month from 1 to 12."""
    with pytest.raises(ValueError, match="fiscal_month"):
        Calendar(frequency="annual", fiscal_month=month)


@given(st.sampled_from(("hourly", "daily", *PERIODIC)), days, st.integers(1, 60))
def test_slots_fill_their_period(frequency: str, first: date, length: int) -> None:
    """They begin and end with it and leave no hole, whatever the calendar cuts off."""
    within = Period.of_days(first, first + timedelta(days=length - 1), "America/New_York")

    found = slots(frequency, within)

    assert found.period == within
    assert list(found.edges) == sorted(set(found.edges))
    if frequency in {"hourly", "daily"}:
        assert len(found) == occurrences(frequency, within)
    else:
        assert set(Calendar(frequency=frequency).due(within)) <= set(found.edges)


@given(st.integers(0, 80), st.integers(0, 80))
def test_a_slot_is_inside_only_as_a_whole(begins: int, length: int) -> None:
    """Against a look at each slot."""
    found = slots("daily", Period(0, 3 * DAY + HOUR))
    inside = [
        number
        for number in range(len(found))
        if begins * HOUR <= found.edges[number] and found.edges[number + 1] <= (begins + length) * HOUR
    ]

    first, after = found.inside(begins * HOUR, (begins + length) * HOUR)

    assert list(range(first, after)) == inside


def test_days_are_midnights_of_the_reporting_zone() -> None:
    """A year in New York begins five hours later than in UTC, and is shown by its first and last day."""
    year = Period.of_days(date(2025, 1, 1), date(2025, 12, 31), "America/New_York")

    assert year.to_json() == {"begins": "2025-01-01T05:00:00Z", "ends": "2026-01-01T05:00:00Z"}
    assert year.days("America/New_York") == (date(2025, 1, 1), date(2025, 12, 31))
    assert year.days() == (date(2025, 1, 1), date(2026, 1, 1))


def test_a_year_with_a_change_of_clocks_keeps_its_length() -> None:
    """A half-year from winter to summer is one hour short, and its last day is a slot of 23 hours."""
    half = Period.of_days(date(2025, 1, 1), date(2025, 6, 30), "Europe/Berlin")

    assert half.ends - half.begins == 181 * DAY - HOUR
    assert occurrences("daily", half) == 181


def test_the_end_is_the_next_periods() -> None:
    """Half-open: the begin belongs to a period, its end does not."""
    assert Y2025.holds(Y2025.begins)
    assert Y2025.holds(Y2025.ends - 1)
    assert not Y2025.holds(Y2025.ends)
    assert not Y2025.holds(Y2025.begins - 1)


@pytest.mark.parametrize("ends", [5, 4])
def test_a_period_holds_an_instant(ends: int) -> None:
    """An empty or backward period would evaluate to nothing without a word."""
    with pytest.raises(ValueError, match="no instant"):
        Period(5, ends)


@pytest.mark.parametrize(
    ("begins", "ends", "part"),
    [
        (None, None, (10, 20)),
        (5, 15, (10, 15)),
        (12, None, (12, 20)),
        (12, 30, (12, 20)),
        (20, 30, None),
        (0, 10, None),
    ],
)
def test_a_life_is_clipped_to_the_period(begins: int | None, ends: int | None, part: tuple[int, int] | None) -> None:
    """Only what lies inside counts; what touches from outside is no part."""
    assert Period(10, 20).clip(begins, ends) == (Period(*part) if part else None)


@pytest.mark.parametrize(
    ("later", "gap", "overlap"),
    [((20, 30), 0, 0), ((22, 30), 2, 0), ((17, 30), 0, 3), ((12, 15), 0, 3), ((10, 20), 0, 10)],
)
def test_renewal(later: tuple[int, int], gap: int, overlap: int) -> None:
    """A renewal leaves nothing out and counts nothing twice, or says how much."""
    found = renewal(Period(10, 20), Period(*later))

    assert (found.gap, found.overlap) == (gap, overlap)
    assert found.seamless is (gap == overlap == 0)


def test_renewal_shows_hours() -> None:
    """An hour left out is shown as one."""
    assert renewal(Period(0, DAY), Period(DAY + HOUR, 2 * DAY)).to_json() == {
        "gap_hours": 1.0,
        "overlap_hours": 0.0,
        "seamless": False,
    }


def test_a_renewal_runs_forward() -> None:
    """The earlier period is given first."""
    with pytest.raises(ValueError, match="does not follow"):
        renewal(Period(10, 20), Period(0, 10))


def test_iso_is_that_of_the_agent() -> None:
    """The engine keeps away from the clock and yet writes instants as everybody else does."""
    for instant in (datetime(2026, 3, 14, 9, 26, 53, 589_793, UTC), datetime(1999, 1, 1, tzinfo=UTC)):
        assert iso(clock.from_datetime(instant)) == clock.iso(clock.from_datetime(instant))
