"""How long something failed is bounded by observations, never by their absence."""

from __future__ import annotations

import pytest

from agent.audit.coverage import Change, Status, Unit, from_observations
from agent.audit.intervals import (
    EndedBy,
    Excused,
    FailingInterval,
    Timeliness,
    Waiver,
    by_unit,
    failing,
    flapping,
)
from agent.audit.parameters import DAY, HOUR, Parameters
from agent.audit.periods import Period

PASS, FAIL, NA, ERROR = Status
PERIOD = Period(0, 100 * DAY)
SLA = 7 * DAY


def _unit(*days: tuple[int, Status], begins: int | None = None, ends: int | None = None) -> Unit:
    """Observed on these days."""
    observations: list[Change] = [(day * DAY, status) for day, status in days]
    return from_observations("bucket", observations, begins=begins, ends=ends)


def _waiver(begins: int, ends: int, number: int = 1) -> Waiver:
    """In force from one day to another."""
    return Waiver(
        id=f"W-{number}",
        unit="bucket",
        requester="owner",
        approver="officer",
        approved_at=begins * DAY,
        valid_from=begins * DAY,
        valid_to=ends * DAY,
    )


def _only(unit: Unit, *waivers: Waiver) -> FailingInterval:
    (found,) = failing(unit, PERIOD, SLA, waivers).intervals
    return found


def test_bounds_are_the_observations_around_it() -> None:
    """Last good, first bad, last bad, first good."""
    found = _only(_unit((1, PASS), (2, PASS), (3, FAIL), (4, FAIL), (5, PASS), (6, PASS)))

    assert found.last_pass_at == 2 * DAY
    assert found.detected_at == 3 * DAY
    assert found.last_fail_at == 4 * DAY
    assert (found.ended_at, found.ended_by) == (5 * DAY, EndedBy.REMEDIATED)
    assert found.age == 2 * DAY
    assert found.exposure == 3 * DAY
    assert found.timeliness is Timeliness.CLOSED_WITHIN_SLA
    assert found.to_json() == {
        "unit": "bucket",
        "detected_at": "1970-01-04T00:00:00Z",
        "last_pass_at": "1970-01-03T00:00:00Z",
        "began_at": None,
        "last_fail_at": "1970-01-05T00:00:00Z",
        "ended_at": "1970-01-06T00:00:00Z",
        "ended_by": "remediated",
        "age_hours": 48.0,
        "exposure_hours": 72.0,
        "status": "closed_within_sla",
        "carried_in": False,
        "resumed": False,
    }


def test_a_gap_neither_ends_nor_shortens_a_failure() -> None:
    """Fail, no answer, pass: failing until that pass, and possibly since the pass before the silence."""
    found = _only(_unit((1, PASS), (2, ERROR), (4, FAIL), (5, ERROR), (9, PASS)))

    assert (found.last_pass_at, found.detected_at, found.last_fail_at, found.ended_at) == tuple(
        day * DAY for day in (1, 4, 4, 9)
    )
    assert found.exposure == 8 * DAY


def test_a_failure_after_a_gap_goes_on() -> None:
    """Fail, no answer, fail is one failure."""
    found = _only(_unit((1, PASS), (2, FAIL), (3, ERROR), (4, FAIL), (5, PASS)))

    assert (found.detected_at, found.last_fail_at, found.ended_at) == (2 * DAY, 4 * DAY, 5 * DAY)


def test_a_failure_is_open_at_the_end() -> None:
    """Its age is counted up to the end of the period."""
    found = _only(_unit((90, PASS), (95, FAIL), (99, FAIL)))

    assert (found.ended_at, found.ended_by) == (None, None)
    assert found.age == 5 * DAY
    assert found.timeliness is Timeliness.OPEN_WITHIN_SLA


@pytest.mark.parametrize(("repaired", "timeliness"), [(17, Timeliness.CLOSED_WITHIN_SLA), (18, Timeliness.CLOSED_LATE)])
def test_late_is_older_than_the_sla(repaired: int, timeliness: Timeliness) -> None:
    """Seven days are in time when seven are allowed."""
    found = _only(_unit((9, PASS), (10, FAIL), (repaired, PASS)))

    assert found.timeliness is timeliness
    assert found.timeliness.late is (repaired == 18)


def test_open_late() -> None:
    """Eight days old at the end, and nobody repaired it."""
    assert _only(_unit((92, FAIL))).timeliness is Timeliness.OPEN_LATE


def test_the_end_belongs_to_the_next_period() -> None:
    """A repair, a deletion or an exception at the very end does not close anything before it."""
    for unit, waivers in (
        (_unit((95, FAIL), (100, PASS)), ()),
        (_unit((95, FAIL), ends=100 * DAY), ()),
        (_unit((95, FAIL)), (_waiver(100, 110),)),
    ):
        assert _only(unit, *waivers).ended_at is None


def test_a_deletion_ends_it() -> None:
    """By removal, at the deletion and not at the last look, even when the last look had no answer."""
    for days in (((3, FAIL), (4, FAIL)), ((3, FAIL), (4, ERROR))):
        found = _only(_unit(*days, ends=5 * DAY))

        assert (found.ended_at, found.ended_by) == (5 * DAY, EndedBy.REMOVAL)


def test_nothing_left_to_test_ends_it_by_removal() -> None:
    """A complete listing shows that the failing thing is gone; nobody repaired it."""
    found = _only(_unit((3, FAIL), (4, NA), (5, NA)))

    assert (found.ended_at, found.ended_by) == (4 * DAY, EndedBy.REMOVAL)


def test_a_failure_carried_in_keeps_its_detection() -> None:
    """Found twelve days before the period and repaired on its third day."""
    found = _only(_unit((-12, FAIL), (0, FAIL), (2, PASS)))

    assert found.detected_at == -12 * DAY
    assert found.age == 14 * DAY
    assert found.carried_in
    assert found.timeliness is Timeliness.CLOSED_LATE


def test_what_ended_before_the_period_is_not_of_it() -> None:
    """Repaired at its very begin means repaired before it."""
    assert failing(_unit((-12, FAIL), (0, PASS)), PERIOD, SLA).intervals == ()


def test_failing_again_is_a_new_failure() -> None:
    """Each with its own detection, age and bounds."""
    first, second = failing(
        _unit((1, PASS), (2, FAIL), (3, PASS), (5, PASS), (9, FAIL), (30, PASS)), PERIOD, SLA
    ).intervals

    assert (first.detected_at, first.ended_at) == (2 * DAY, 3 * DAY)
    assert (second.last_pass_at, second.detected_at, second.ended_at) == (5 * DAY, 9 * DAY, 30 * DAY)
    assert not second.resumed


def test_exposure_goes_by_the_best_bound() -> None:
    """The provider's own record, else the last good observation, else creation; without any it is unknown."""
    days: tuple[tuple[int, Status], ...] = ((10, FAIL), (12, PASS))
    plain = _unit(*days)

    assert _only(plain).exposure is None
    assert _only(plain).to_json()["exposure_hours"] is None
    assert _only(_unit(*days, begins=4 * DAY)).exposure == 8 * DAY
    assert _only(_unit((6, PASS), *days, begins=4 * DAY)).exposure == 6 * DAY
    dated = Unit("bucket", plain.changes, plain.reads, began=((10 * DAY, 10 * DAY - HOUR),))
    assert _only(dated).exposure == 2 * DAY + HOUR
    assert _only(dated).to_json()["began_at"] == "1970-01-10T23:00:00Z"


def test_a_waiver_ends_a_failure_where_it_begins() -> None:
    """Nothing before it is excused, and what it excuses is told."""
    found = failing(_unit((1, PASS), (2, FAIL), (20, PASS)), PERIOD, SLA, [_waiver(5, 30)])

    (interval,) = found.intervals
    assert (interval.ended_at, interval.ended_by) == (5 * DAY, EndedBy.WAIVER)
    assert interval.age == 3 * DAY
    assert interval.last_fail_at == 2 * DAY
    assert found.excused == (Excused("bucket", "W-1", 5 * DAY, 20 * DAY),)


def test_a_waiver_in_force_before_lets_nothing_open() -> None:
    """The failure is excused from its first observation on, and stays visible."""
    found = failing(_unit((1, PASS), (7, FAIL), (9, PASS)), PERIOD, SLA, [_waiver(5, 30)])

    assert found.intervals == ()
    assert found.excused == (Excused("bucket", "W-1", 7 * DAY, 9 * DAY),)
    assert found.excused[0].to_json() == {
        "unit": "bucket",
        "waiver": "W-1",
        "begins": "1970-01-08T00:00:00Z",
        "ends": "1970-01-10T00:00:00Z",
    }


def test_what_still_fails_after_a_waiver_opens_anew() -> None:
    """At the first failing observation after its end; the bound before it is still the last good one."""
    unit = _unit((1, PASS), *((day, FAIL) for day in range(2, 20)), (20, PASS))

    first, second = failing(unit, PERIOD, SLA, [_waiver(5, 12)]).intervals

    assert (first.ended_at, first.ended_by) == (5 * DAY, EndedBy.WAIVER)
    assert (second.detected_at, second.ended_at, second.ended_by) == (12 * DAY, 20 * DAY, EndedBy.REMEDIATED)
    assert second.last_pass_at == DAY
    assert second.resumed


def test_waivers_that_meet_excuse_as_one() -> None:
    """A renewal in time leaves no failing interval between the two, and both are told."""
    unit = _unit(*((day, FAIL) for day in range(10, 30)))

    found = failing(unit, PERIOD, SLA, [_waiver(15, 40, 2), _waiver(5, 15, 1)])

    assert found.intervals == ()
    assert [(each.waiver, each.begins // DAY, each.ends // DAY) for each in found.excused] == [
        ("W-1", 10, 15),
        ("W-2", 15, 40),
    ]


def test_a_repair_at_the_begin_of_a_waiver_is_a_repair() -> None:
    """Nothing was left to excuse."""
    found = failing(_unit((2, FAIL), (5, PASS)), PERIOD, SLA, [_waiver(5, 30)])

    assert found.intervals[0].ended_by is EndedBy.REMEDIATED
    assert found.excused == ()


def test_a_failure_excused_before_the_period_is_not_of_it() -> None:
    """The waiver held when the period began and until the repair."""
    found = failing(_unit((-9, FAIL), (9, PASS)), PERIOD, SLA, [_waiver(-4, 20)])

    assert found.intervals == ()
    assert found.excused == (Excused("bucket", "W-1", 0, 9 * DAY),)


def test_a_failure_excused_from_the_begin_of_the_period_is_not_of_it() -> None:
    """It was carried in, and the waiver took over in the very first instant."""
    found = failing(_unit((-9, FAIL), (9, PASS)), PERIOD, SLA, [_waiver(0, 20)])

    assert found.intervals == ()


def test_the_longest_of_overlapping_waivers_decides() -> None:
    """A short one inside a long one ends nothing."""
    unit = _unit(*((day, FAIL) for day in range(10, 30)), (30, PASS))

    (found,) = failing(unit, PERIOD, SLA, [_waiver(5, 25, 1), _waiver(8, 15, 2)]).intervals

    assert found.detected_at == 25 * DAY


def test_a_waiver_holds_from_approval_and_until_revocation() -> None:
    """Never before it was approved, whatever it says itself; never after it was taken back."""
    waiver = Waiver(
        id="W-1",
        unit="bucket",
        requester="owner",
        approver="officer",
        approved_at=5,
        valid_from=1,
        valid_to=30,
        revoked_at=20,
    )

    assert (waiver.begins, waiver.ends) == (5, 20)


@pytest.mark.parametrize(
    ("approver", "valid_to", "revoked_at", "rule"),
    [
        ("officer", 365 * DAY, None, ""),
        ("Owner ", 30 * DAY, None, "owner requested and approved it"),
        ("officer", 366 * DAY, None, "valid for 366 days, longer than the 365"),
        ("officer", 30 * DAY, 0, "ended before it began"),
        ("officer", -DAY, None, "ended before it began"),
    ],
)
def test_a_waiver_that_breaks_a_rule_says_which(
    approver: str, valid_to: int, revoked_at: int | None, rule: str
) -> None:
    """Somebody else approves it, for a year at most."""
    waiver = Waiver(
        id="W-1",
        unit="bucket",
        requester="owner",
        approver=approver,
        approved_at=0,
        valid_from=0,
        valid_to=valid_to,
        revoked_at=revoked_at,
    )

    broken = waiver.broken_rule(Parameters())

    assert rule in broken
    assert bool(broken) is bool(rule)


def test_waivers_go_by_exact_unit() -> None:
    """A waiver of one bucket says nothing of another."""
    waiver = _waiver(1, 2)

    assert by_unit([waiver]) == {"bucket": [waiver]}


def test_flapping_is_failing_often_in_a_short_time() -> None:
    """Three times in thirty days is, in thirty-one is not."""
    often = _unit((1, FAIL), (2, PASS), (9, FAIL), (10, PASS), (30, FAIL), (31, PASS))
    seldom = _unit((1, FAIL), (2, PASS), (9, FAIL), (10, PASS), (31, FAIL), (32, PASS))

    assert flapping(failing(often, PERIOD, SLA).intervals, Parameters())
    assert not flapping(failing(seldom, PERIOD, SLA).intervals, Parameters())


def test_what_a_waiver_interrupts_does_not_flap() -> None:
    """It began to fail once, and two waivers ran out on it."""
    unit = _unit(*((day, FAIL) for day in range(1, 25)))
    found = failing(unit, PERIOD, SLA, [_waiver(5, 7), _waiver(10, 12)]).intervals

    assert len(found) == 3
    assert not flapping(found, Parameters())
