"""What was not looked at is told, unit by unit, with the reason."""

from __future__ import annotations

import pytest

from agent.audit.coverage import (
    Failure,
    Gap,
    Grid,
    Reads,
    Status,
    Unit,
    from_observations,
    longest_gap_allowed,
)
from agent.audit.parameters import DAY, HOUR, Parameters
from agent.audit.periods import Period, slots
from collectors.facts.core import Reason

TEN_DAYS = Period(0, 10 * DAY)
DAILY = tuple(day * DAY + 6 * HOUR for day in range(10))
PASS, FAIL, NA, ERROR = Status


def _grid() -> Grid:
    return Grid(slots("daily", TEN_DAYS))


def _unit(reads: Reads, *changes: tuple[int, Status], begins: int | None = None, ends: int | None = None) -> Unit:
    return Unit("bucket", changes or ((DAILY[0], PASS),), reads, begins, ends)


def _gaps(gaps: tuple[Gap, ...]) -> list[tuple[float, float, Reason]]:
    """Begin and end in days."""
    return [(gap.begins / DAY, gap.ends / DAY, gap.reason) for gap in gaps]


def test_a_unit_that_every_run_decided() -> None:
    """All slots are covered, whatever was decided."""
    changes = (DAILY[0], PASS), (DAILY[3], FAIL), (DAILY[4], NA), (DAILY[5], PASS)

    found = _grid().coverage(_unit(Reads(DAILY), *changes))

    assert (found.expected, found.covered, found.gaps, found.longest) == (10, 10, (), 0)
    assert found.ratio == 1


def test_a_run_without_a_decision_covers_nothing() -> None:
    """An error is a missing observation, and since the reads answered it is the check's."""
    found = _grid().coverage(_unit(Reads(DAILY), (DAILY[0], PASS), (DAILY[3], ERROR), (DAILY[5], PASS)))

    assert (found.expected, found.covered) == (10, 8)
    assert _gaps(found.gaps) == [(3, 5, Reason.CHECK_ERROR)]
    assert found.gaps[0].slots == 2
    assert found.longest == 2 * DAY


def test_a_slot_is_covered_by_one_decision_of_many() -> None:
    """Three of four runs of a day could not tell; the fourth could."""
    observations = [(hour * HOUR, ERROR) for hour in (1, 7, 13)] + [(19 * HOUR, PASS)]
    rest = [(instant, PASS) for instant in DAILY[1:]]

    found = _grid().coverage(from_observations("bucket", observations + rest))

    assert (found.expected, found.covered) == (10, 10)


def _until(hours: int, *more: int) -> tuple[int, int, list[tuple[float, float, Reason]]]:
    """Expected and covered slots, and gaps, of a daily control over so many hours, read at six of each full day."""
    period = Period(0, hours * HOUR)
    reads = Reads(tuple(each for each in sorted((*DAILY[: hours // 24], *more)) if each < period.ends))
    found = Grid(slots("daily", period)).coverage(_unit(reads))
    return found.expected, found.covered, _gaps(found.gaps)


def test_the_rest_of_a_day_that_the_end_cuts_short_asks_for_nothing() -> None:
    """Of a control that changed at five in the morning, or is asked about then, nothing is missing yet."""
    assert _until(3 * 24 + 5) == (3, 3, [])


def test_the_rest_of_a_day_counts_once_it_was_looked_at() -> None:
    """What was seen is not thrown away."""
    assert _until(3 * 24 + 7, DAILY[3]) == (4, 4, [])


def test_the_rest_of_a_day_does_not_end_a_gap() -> None:
    """A silence that lasts for whole days goes on to the end."""
    reads = Reads(DAILY[:2])
    found = Grid(slots("daily", Period(0, 4 * DAY + 5 * HOUR))).coverage(_unit(reads))

    assert (found.expected, found.covered) == (5, 2)
    assert [(begins, ends) for begins, ends, _ in _gaps(found.gaps)] == [(2, 4 + 5 / 24)]


def test_less_than_a_day_is_still_to_be_looked_at() -> None:
    """A period of a few hours without any observation shows nothing."""
    assert _until(5)[:2] == (1, 0)


def test_an_unexplained_silence_is_the_agents() -> None:
    """No run and no recorded failure: the agent was down."""
    found = _grid().coverage(_unit(Reads(DAILY[:4] + DAILY[6:])))

    assert _gaps(found.gaps) == [(4, 6, Reason.AGENT_DOWN)]


def test_each_hole_of_the_runs_is_a_gap() -> None:
    """At the edges, alone, and next to the last run."""
    runs = Reads(tuple(DAILY[day] for day in (1, 2, 4, 7, 9)))

    found = _grid().coverage(_unit(runs, (DAILY[1], PASS)))

    assert [(gap.begins // DAY, gap.slots) for gap in found.gaps] == [(0, 1), (3, 1), (5, 2), (8, 1)]
    assert (found.covered, found.longest) == (5, 2 * DAY)


def test_a_late_first_run_is_a_late_onboarding() -> None:
    """What exists is in scope before anybody looked at it."""
    found = _grid().coverage(_unit(Reads(DAILY[4:]), (DAILY[4], PASS)))

    assert (found.expected, found.covered) == (10, 6)
    assert _gaps(found.gaps) == [(0, 4, Reason.ACCOUNT_NOT_ONBOARDED)]


def test_a_unit_that_runs_passed_over_is_a_check_error() -> None:
    """The account was read from the first day on, and yet this unit has no verdict before the fifth."""
    found = _grid().coverage(_unit(Reads(DAILY), (DAILY[4], PASS)))

    assert _gaps(found.gaps) == [(0, 4, Reason.CHECK_ERROR)]


def test_a_unit_that_nobody_ever_judged() -> None:
    """All of its slots are missing; none is silently left out."""
    found = _grid().coverage(Unit("bucket", (), Reads(DAILY)))

    assert (found.expected, found.covered) == (10, 0)
    assert _gaps(found.gaps) == [(0, 10, Reason.CHECK_ERROR)]


def test_a_recorded_failure_explains_its_gap() -> None:
    """With the first and the last error, in the order of time, and the reason that held longest."""
    failures = (
        Failure(5 * DAY, 6 * DAY, Reason.THROTTLED, "cc", "dd"),
        Failure(2 * DAY, 5 * DAY, Reason.PERMISSION_DENIED, "aa", "bb"),
    )

    found = _grid().coverage(_unit(Reads.of(DAILY, failures, "aws/1/us-east-1/s3")))

    assert _gaps(found.gaps) == [(2, 6, Reason.PERMISSION_DENIED)]
    assert (found.gaps[0].first_error, found.gaps[0].last_error) == ("aa", "dd")
    assert found.gaps[0].scan_unit == "aws/1/us-east-1/s3"
    assert found.gaps[0].to_json() == {
        "begins": "1970-01-03T00:00:00Z",
        "ends": "1970-01-07T00:00:00Z",
        "hours": 96.0,
        "slots": 4,
        "reason": "PERMISSION_DENIED",
        "scan_unit": "aws/1/us-east-1/s3",
        "first_error": "aa",
        "last_error": "dd",
    }


def test_runs_inside_a_failure_gave_no_answer() -> None:
    """Half-open: the run at the failure's end answered, the one at its begin did not; overlaps do not matter."""
    failures = (Failure(20, 40, Reason.THROTTLED), Failure(10, 25, Reason.THROTTLED), Failure(30, 35, Reason.THROTTLED))

    found = Reads.of([45, 40, 9, 10, 24, 36, 39, 9], failures)

    assert found.runs == (9, 40, 45)


def test_the_failure_of_one_unit_does_not_touch_another() -> None:
    """One bucket was denied; its neighbor, looked at by the same runs, is whole."""
    reads, grid = Reads(DAILY), _grid()
    denied = Unit(
        "denied",
        ((DAILY[0], PASS), (DAILY[2], ERROR), (DAILY[4], PASS)),
        reads,
        failures=(Failure(2 * DAY, 4 * DAY, Reason.PERMISSION_DENIED, "aa", "aa"),),
    )

    assert _gaps(grid.coverage(denied).gaps) == [(2, 4, Reason.PERMISSION_DENIED)]
    assert grid.coverage(_unit(reads)).gaps == ()


def test_only_whole_slots_of_a_life_are_expected() -> None:
    """Created at noon of day 2 and deleted at noon of day 5: days 3 and 4."""
    found = _grid().coverage(_unit(Reads(DAILY), (DAILY[3], PASS), begins=60 * HOUR, ends=132 * HOUR))

    assert (found.expected, found.covered) == (2, 2)


@pytest.mark.parametrize(("begins", "ends"), [(-5 * DAY, -1), (11 * DAY, None), (None, 0), (HOUR, 2 * HOUR)])
def test_a_life_without_a_whole_slot_expects_nothing(begins: int | None, ends: int | None) -> None:
    """Before, after, or too short."""
    found = _grid().coverage(_unit(Reads(DAILY), (DAILY[0], PASS), begins=begins, ends=ends))

    assert (found.expected, found.covered, found.gaps) == (0, 0, ())
    assert found.ratio is None


def test_a_verdict_carried_in_needs_runs_to_hold() -> None:
    """What was true before the period covers nothing of it by itself."""
    found = _grid().coverage(_unit(Reads(DAILY[5:]), (-30 * DAY, PASS)))

    assert (found.expected, found.covered) == (10, 5)


def test_shared_reads_are_worked_out_once() -> None:
    """A hundred thousand units that live as long have one coverage object between them."""
    reads, grid = Reads(DAILY[:4] + DAILY[6:]), _grid()

    first, second = grid.coverage(_unit(reads)), grid.coverage(_unit(reads, (DAILY[0], FAIL)))
    later = grid.coverage(_unit(reads, (DAILY[2], FAIL)))

    assert first is second
    assert later.covered == first.covered - 2


def test_deviating_slots_are_counted_once() -> None:
    """Two failures in one day are one deviating slot, a failure over three days is three."""
    observations = [(hour * HOUR, FAIL if hour in {2, 3, 6} else PASS) for hour in range(24)]
    observations += [(DAY + hour * HOUR, PASS) for hour in range(24)]
    observations += [(day * DAY, FAIL) for day in (2, 3, 4)]
    unit = from_observations("bucket", observations)

    assert _grid().deviating(unit, [(2 * HOUR, 4 * HOUR), (6 * HOUR, 7 * HOUR)]) == 1
    assert _grid().deviating(unit, [(2 * HOUR, 4 * HOUR), (2 * DAY, 4 * DAY + 1)]) == 4
    assert _grid().deviating(unit, [(2 * DAY, 4 * DAY)]) == 2
    assert _grid().deviating(unit, [(4 * HOUR, 6 * HOUR)]) == 0


def test_the_later_given_of_two_observations_at_one_instant_counts() -> None:
    """An evaluation again of the same evidence replaces what was thought of it before."""
    unit = from_observations("bucket", [(5, PASS), (9, PASS), (5, FAIL)])

    assert unit.changes == ((5, FAIL), (9, PASS))
    assert unit.reads.runs == (5, 9)


@pytest.mark.parametrize(
    ("frequency", "hours"), [("continuous", 72), ("hourly", 72), ("daily", 168), ("weekly", 168), ("annual", 168)]
)
def test_how_long_a_gap_may_last(frequency: str, hours: int) -> None:
    """Three days where somebody looks every hour, a week where it is every day or less."""
    assert longest_gap_allowed(frequency, Parameters()) == hours * HOUR
