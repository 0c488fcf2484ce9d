"""Days that a vendor's reports and letters leave uncovered."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.audit.parameters import DAY, HOUR, Parameters
from agent.audit.periods import Period
from agent.audit.vendors import BridgeLetter, VendorReport, cover
from tests.agent.audit.vectors import each, instant, period

DEFAULTS = Parameters()
YEAR = Period(0, 365 * DAY)
days = st.integers(-400, 800)
stretches = st.lists(st.tuples(days, st.integers(1, 500)), max_size=5)


def report(begins: int, ends: int, *, type_two: bool = True) -> VendorReport:
    """A report over days of the year."""
    return VendorReport(begins=begins * DAY, ends=ends * DAY, type_two=type_two)


def letter(begins: int, ends: int) -> BridgeLetter:
    """A letter over days of the year."""
    return BridgeLetter(begins * DAY, ends * DAY)


@each("vendor_coverage")
def test_the_example(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """The uncovered days and the result of the worked example."""
    reports = [VendorReport(begins=instant(a), ends=instant(b), type_two=True) for a, b in given["reports"]]
    letters = [BridgeLetter(instant(one["from"]), instant(one["to"])) for one in given["bridge_letters"]]
    shown = cover(period(given["period"]), reports, letters, DEFAULTS).to_json()
    assert {name: shown[name] for name in expected} == expected


def test_without_a_report_nothing_is_covered() -> None:
    """A letter alone continues nothing."""
    assert cover(YEAR, [], [letter(0, 365)], DEFAULTS).uncovered_days == 365


def test_a_type_one_report_covers_no_day() -> None:
    """Nor does a letter after it."""
    found = cover(YEAR, [report(-30, 300, type_two=False)], [letter(300, 365)], DEFAULTS)
    assert (found.uncovered_days, found.passes) == (365, False)


def test_a_letter_reaches_92_days_from_the_report() -> None:
    """A second letter does not stretch it, and the days between report and letter stay open."""
    assert cover(YEAR, [report(-10, 200)], [letter(200, 260), letter(260, 365)], DEFAULTS).uncovered_days == 73
    late_letter = cover(YEAR, [report(-10, 300)], [letter(310, 365)], DEFAULTS)
    assert late_letter.uncovered == (Period(300 * DAY, 310 * DAY),)


def test_a_letter_never_covers_the_time_before_its_report_ended() -> None:
    """The report's own gap stays."""
    found = cover(YEAR, [report(100, 365)], [letter(0, 365)], DEFAULTS)
    assert found.uncovered == (Period(0, 100 * DAY),)


def test_a_part_of_a_day_is_an_uncovered_day() -> None:
    """One missing hour is not rounded away."""
    found = cover(YEAR, [VendorReport(begins=HOUR, ends=365 * DAY, type_two=True)], [], DEFAULTS)
    assert (found.uncovered_days, found.passes) == (1, False)


@given(stretches, stretches)
def test_each_day_is_covered_or_listed(reports: list[tuple[int, int]], letters: list[tuple[int, int]]) -> None:
    """Day by day, by the words of the rule."""
    full = [report(begins, begins + length) for begins, length in reports]
    written = [letter(begins, begins + length) for begins, length in letters]
    found = cover(YEAR, full, written, DEFAULTS)
    expected = 0
    for day in range(365):
        at = day * DAY
        by_report = any(one.begins <= at < one.ends for one in full)
        by_letter = any(
            one.begins <= at < one.ends and other.ends <= at < other.ends + 92 * DAY
            for one in written
            for other in full
        )
        open_now = not by_report and not by_letter
        assert open_now == any(stretch.holds(at) for stretch in found.uncovered)
        expected += open_now
    assert found.uncovered_days == expected
