"""What a period of observations makes of a control over a state."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest

from agent.audit.conclusions import Conclusion
from agent.audit.coverage import Change, Reads, Status, Unit, from_observations
from agent.audit.intervals import Waiver
from agent.audit.parameters import DAY, HOUR, Parameters
from agent.audit.periods import Period
from agent.audit.state import Compensation, StateResult, StateTest, evaluate, worst
from checks.library import Policy
from tests.agent.audit.vectors import each, instant, period

PASS, FAIL, NA, ERROR = Status
YEAR = period(["2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"])
TEST = StateTest(control="C-1", period=YEAR, frequency="daily", policy=Policy.STRICT, severity="high", sla=7 * DAY)


def _day(number: float) -> int:
    """Six in the morning of a day of the year, the first of which is 0."""
    return YEAR.begins + round(number * DAY) + 6 * HOUR


def _unit(
    *changes: tuple[int, Status], name: str = "acct-1", begins: int | None = None, ends: int | None = None
) -> Unit:
    """Looked at each day at six; each pair is a day and the status from then on."""
    runs = Reads(tuple(_day(number) for number in range(365)))
    return Unit(name, tuple((_day(number), status) for number, status in changes), runs, begins, ends)


def _waiver(begins: int, ends: int, *, unit: str = "acct-1", approver: str = "officer") -> Waiver:
    return Waiver(
        id="W-1",
        unit=unit,
        requester="owner",
        approver=approver,
        approved_at=_day(begins),
        valid_from=_day(begins),
        valid_to=_day(ends),
    )


@each("state_control")
def test_worked_examples(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """Each worked example comes to its numbers, its deviations and its conclusion."""
    within = period(given["period"])
    test = StateTest(
        control="example",
        period=within,
        frequency=given["frequency"],
        policy=Policy(given["policy"]),
        severity=given["severity"],
        sla=given["sla_days"] * DAY,
    )
    observations: dict[str, list[Change]] = defaultdict(list)
    for name, detected in given.get("carried_in", {}).items():
        observations[name].append((instant(detected), FAIL))
    for run in given["runs"]:
        times = range(instant(run["from"]), instant(run["to"]), given["cadence_hours"] * HOUR)
        observations[run["unit"]] += [(time, Status(run["status"])) for time in times]
    lives = {each["id"]: {key: instant(each[key]) for key in ("from", "to") if key in each} for each in given["units"]}
    units = [
        from_observations(name, observations[name], begins=life.get("from"), ends=life.get("to"))
        for name, life in lives.items()
    ]
    waivers = [
        Waiver(
            id="W-1",
            unit=waiver["unit"],
            requester=waiver["requester"],
            approver=waiver["approver"],
            approved_at=instant(waiver["approved_at"]),
            valid_from=instant(waiver["valid_from"]),
            valid_to=instant(waiver["valid_to"]),
        )
        for waiver in given.get("waivers", ())
    ]
    made_up = [Compensation("C-2", within, Conclusion.EFFECTIVE)] if given.get("compensating_effective") else []

    shown = evaluate(test, units, waivers=waivers, compensations=made_up).to_json()

    assert {key: shown[key] for key in expected if key != "deviations"} == {
        key: value for key, value in expected.items() if key != "deviations"
    }
    assert [
        {key: found[key] for key in wanted}
        for found, wanted in zip(shown["deviations"], expected["deviations"], strict=True)
    ] == expected["deviations"]


@each("segments")
def test_the_worst_segment_decides(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """Each worked example comes to its conclusion."""
    assert worst(map(Conclusion, given["segment_conclusions"])).value == expected["conclusion"]


@pytest.mark.parametrize(
    ("segments", "conclusion"),
    [
        (("effective", "effective_with_deviations"), "effective_with_deviations"),
        (("effective_with_deviations", "unable_to_conclude"), "unable_to_conclude"),
        (("not_effective", "unable_to_conclude"), "not_effective"),
        (("not_operated", "effective"), "effective"),
        (("not_operated", "not_operated"), "not_operated"),
        ((), "not_operated"),
    ],
)
def test_segments_from_best_to_worst(segments: tuple[str, ...], conclusion: str) -> None:
    """A proven failure is worse than a missing proof, and a segment without a duty says nothing."""
    assert worst(map(Conclusion, segments)).value == conclusion


def test_an_interim_answer_is_no_segment() -> None:
    """A request for more tests is not compared with conclusions."""
    with pytest.raises(ValueError, match="expand_sample"):
        worst([Conclusion.EFFECTIVE, Conclusion.EXPAND_SAMPLE])


def _concluded(*units: Unit, test: StateTest = TEST, **more: Any) -> StateResult:
    return evaluate(test, units, **more)


def test_nothing_in_scope_is_not_operated() -> None:
    """No unit, and a unit that lived for half a slot."""
    assert _concluded().conclusion is Conclusion.NOT_OPERATED
    short = _unit((3, PASS), begins=_day(3), ends=_day(3.5))
    assert _concluded(short).conclusion is Conclusion.NOT_OPERATED
    assert _concluded(short).coverage is None


def test_a_failure_in_less_than_a_slot_is_not_hidden() -> None:
    """A unit that lived and failed for half a slot leaves it open; a critical one that was late decides it."""
    short = _unit((3, FAIL), begins=_day(3), ends=_day(3.5))
    critical = replace(TEST, severity="critical", sla=HOUR)

    found = _concluded(short)

    assert found.conclusion is Conclusion.UNABLE_TO_CONCLUDE
    assert len(found.deviations) == 1
    assert _concluded(short, test=critical).conclusion is Conclusion.NOT_EFFECTIVE


def test_an_empty_listing_is_a_decision() -> None:
    """A complete listing with nothing to test, every day, is effective and not missing."""
    assert _concluded(_unit((0, NA))).conclusion is Conclusion.EFFECTIVE


def test_missing_evidence_does_not_hide_a_proven_failure() -> None:
    """Open and late at high severity, with no answer for half of the year: not effective."""
    assert _concluded(_unit((0, FAIL), (180, ERROR))).conclusion is Conclusion.NOT_EFFECTIVE


@pytest.mark.parametrize(("missing", "conclusion"), [(18, "unable_to_conclude"), (7, "effective")])
def test_a_long_gap_or_a_low_coverage_leaves_it_open(missing: int, conclusion: str) -> None:
    """Seven days may be missing at a stretch, not eighteen."""
    found = _concluded(_unit((0, PASS), (100, ERROR), (100 + missing, PASS)))

    assert found.conclusion.value == conclusion
    assert found.longest_gap == missing * DAY


@pytest.mark.parametrize(("every", "conclusion"), [(19, "unable_to_conclude"), (21, "effective")])
def test_many_short_gaps_count_together(every: int, conclusion: str) -> None:
    """One day of nineteen missing is more than 5 %, one of twenty-one is less."""
    changes = [(day, ERROR if day % every == 0 else PASS) for day in range(365)]

    assert _concluded(_unit(*changes)).conclusion.value == conclusion


def test_the_needed_coverage_is_enough() -> None:
    """Nineteen days of twenty are the 95 % that are needed."""
    test = replace(TEST, period=Period(YEAR.begins, YEAR.begins + 20 * DAY))

    found = _concluded(_unit((0, PASS), (7, ERROR), (8, PASS)), test=test)

    assert found.coverage == 0.95
    assert found.conclusion is Conclusion.EFFECTIVE


def test_one_blind_unit_is_not_hidden_by_many() -> None:
    """Ninety-nine whole units and one that nobody saw: overall 99 %, and yet it is told and decides."""
    units = [_unit((0, PASS), name=f"u-{number}") for number in range(99)]
    blind = Unit("blind", (), units[0].reads)

    found = _concluded(*units, blind)

    assert found.coverage == 0.99
    assert found.conclusion is Conclusion.UNABLE_TO_CONCLUDE
    assert found.units_unseen == ("blind",)
    assert found.least_covered == ("blind", 0.0)
    assert [(gap.units, gap.gap.slots) for gap in found.gaps] == [(("blind",), 365)]


def test_units_share_the_gaps_of_their_runs() -> None:
    """An outage of all is one gap with all of their names, however long each one lived."""
    runs = Reads(tuple(_day(number) for number in range(365) if not 50 <= number < 53))
    units = [
        Unit(name, ((_day(0), PASS),), runs, begins) for name, begins in (("a", None), ("b", None), ("c", _day(9)))
    ]

    found = _concluded(*units)

    assert [(gap.units, gap.gap.slots) for gap in found.gaps] == [(("a", "b", "c"), 3)]
    assert found.to_json()["gaps"][0]["units"] == ["a", "b", "c"]
    assert found.conclusion is Conclusion.EFFECTIVE


@pytest.mark.parametrize(("days", "conclusion"), [(18, "effective_with_deviations"), (19, "not_effective")])
def test_more_than_five_percent_deviates(days: int, conclusion: str) -> None:
    """Eighteen days of 365 are 4.93 %, nineteen are 5.21 %; low severity, so nothing else decides."""
    found = _concluded(_unit((0, PASS), (100, FAIL), (100 + days, PASS)), test=replace(TEST, severity="low"))

    assert found.deviating_slots == days
    assert found.conclusion.value == conclusion


@pytest.mark.parametrize(
    ("severity", "begins", "days", "serious"),
    [
        ("critical", 100, 7, False),
        ("critical", 100, 8, True),
        ("critical", 360, 4, False),
        ("high", 100, 8, False),
        ("high", 100, 28, False),
        ("high", 100, 29, True),
        ("high", 350, None, True),
        ("high", 360, None, False),
        ("medium", 100, 200, False),
        ("low", 100, None, False),
    ],
)
def test_what_is_serious(severity: Any, begins: int, days: int | None, serious: bool) -> None:
    """Critical and late; high and open late, or older than four times the SLA; nothing else."""
    repair = [] if days is None else [(begins + days, PASS)]
    found = _concluded(_unit((0, PASS), (begins, FAIL), *repair), test=replace(TEST, severity=severity))

    assert [one.serious for one in found.deviations] == [serious]


@pytest.mark.parametrize(
    ("within", "conclusion", "holds"),
    [
        (YEAR, Conclusion.EFFECTIVE, True),
        (YEAR, Conclusion.EFFECTIVE_WITH_DEVIATIONS, True),
        (YEAR, Conclusion.UNABLE_TO_CONCLUDE, False),
        (YEAR, Conclusion.NOT_EFFECTIVE, False),
        (Period(_day(101), YEAR.ends), Conclusion.EFFECTIVE, False),
        (Period(YEAR.begins, _day(109)), Conclusion.EFFECTIVE, False),
        (Period(_day(100), _day(110)), Conclusion.EFFECTIVE, True),
    ],
)
def test_what_compensates(within: Period, conclusion: Conclusion, holds: bool) -> None:
    """A control that worked all through the failing; the deviation stays, only its gravity goes."""
    unit = _unit((0, PASS), (100, FAIL), (110, PASS))
    test = replace(TEST, severity="critical")

    found = _concluded(unit, test=test, compensations=[Compensation("C-2", within, conclusion)])

    expected = Conclusion.EFFECTIVE_WITH_DEVIATIONS if holds else Conclusion.NOT_EFFECTIVE
    assert found.conclusion is expected
    assert [one.compensated_by for one in found.deviations] == ["C-2" if holds else ""]
    assert found.deviating_slots == 10


def test_a_failure_carried_in_is_compensated_from_the_begin_on() -> None:
    """The other control was evaluated over this period, and there is no more to ask of it."""
    critical = replace(TEST, severity="critical")

    found = _concluded(
        _unit((-20, FAIL), (3, PASS)), test=critical, compensations=[Compensation("C-2", YEAR, Conclusion.EFFECTIVE)]
    )

    assert found.conclusion is Conclusion.EFFECTIVE_WITH_DEVIATIONS


def test_a_promise_to_repair_counts_what_is_late() -> None:
    """Two failures, one repaired in time and one late: both are listed, one counts."""
    unit = _unit((0, PASS), (10, FAIL), (13, PASS), (50, FAIL), (58, PASS))
    test = replace(TEST, policy=Policy.REMEDIATE_WITHIN_SLA)

    found = _concluded(unit, test=test)

    assert [one.counted for one in found.deviations] == [False, True]
    assert found.deviating_slots == 8
    assert found.conclusion is Conclusion.EFFECTIVE_WITH_DEVIATIONS
    assert _concluded(unit).deviating_slots == 11


def test_a_waiver_of_ones_own_excuses_nothing() -> None:
    """It is listed with the rule that it breaks, and the failure counts in full."""
    unit = _unit((0, PASS), (10, FAIL), (13, PASS))

    found = _concluded(unit, waivers=[_waiver(5, 60, approver="owner")])

    assert found.deviating_slots == 3
    assert found.excused == ()
    assert found.refused_waivers == (("W-1", "owner requested and approved it"),)


def test_a_waiver_of_another_unit_excuses_nothing() -> None:
    """Scope is exact."""
    found = _concluded(_unit((0, PASS), (10, FAIL), (13, PASS)), waivers=[_waiver(5, 60, unit="acct-10")])

    assert found.deviating_slots == 3


def test_what_is_excused_is_still_shown() -> None:
    """It deviates in no slot, and the unit counts among those that ever failed."""
    found = _concluded(_unit((0, PASS), (10, FAIL), (13, PASS)), waivers=[_waiver(5, 60)])

    assert found.conclusion is Conclusion.EFFECTIVE
    assert found.deviating_slots == 0
    assert [(one.waiver, one.unit) for one in found.excused] == [("W-1", "acct-1")]
    assert (found.units_failing, found.units) == (1, 1)


def test_many_units_dilute_the_rate_and_not_the_counts() -> None:
    """One of a hundred units failed for two months: a small rate, told with units and exposure beside it."""
    units = [_unit((0, PASS), name=f"u-{number}") for number in range(99)]
    found = _concluded(*units, _unit((0, PASS), (100, FAIL), (160, PASS)), test=replace(TEST, severity="low"))

    assert round(found.deviation_rate, 6) == round(60 / 36_500, 6)
    assert (found.units_failing, found.units) == (1, 100)
    assert found.longest_exposure == 61 * DAY
    assert found.unbounded == 0


def test_exposure_without_a_bound_is_told_apart() -> None:
    """A unit that failed from the first look on: its age, and that nobody knows how long before."""
    found = _concluded(_unit((0, FAIL), (3, PASS)))

    assert found.longest_exposure == 3 * DAY
    assert found.unbounded == 1


def test_flapping_is_flagged_over_all_lives() -> None:
    """Deleted and made again under the same id, failing each time."""
    lives = [_unit((day, FAIL), begins=_day(day), ends=_day(day + 3)) for day in (10, 15, 20)]

    assert _concluded(*lives).flapping == ("acct-1",)
    assert _concluded(*lives[:2]).flapping == ()


def test_parameters_decide_and_are_shown() -> None:
    """An auditor who tolerates less gets another conclusion, and the result says by which numbers."""
    strict = replace(TEST, severity="low", parameters=Parameters(tolerable_rate=0.005))
    unit = _unit((0, PASS), (100, FAIL), (103, PASS))

    assert _concluded(unit, test=replace(TEST, severity="low")).conclusion is Conclusion.EFFECTIVE_WITH_DEVIATIONS
    found = _concluded(unit, test=strict)
    assert found.conclusion is Conclusion.NOT_EFFECTIVE
    assert found.to_json()["test"]["parameters"]["tolerable_rate"] == 0.005
    assert found.reasons == ("0.82% of 365 covered unit-slots deviate; 0.50% are tolerable",)


def test_each_conclusion_says_why() -> None:
    """With the numbers that decided it."""
    assert _concluded().reasons == ("no unit was in scope for a whole slot",)
    assert _concluded(_unit((0, PASS))).reasons == ("365 of 365 unit-slots were observed, and none deviates",)
    assert _concluded(_unit((0, PASS), (10, FAIL), (13, PASS))).reasons == (
        "365 of 365 unit-slots were observed; 0.82% of them deviate, of 5.00% tolerable",
        "deviations: 1",
    )
    assert _concluded(_unit((0, PASS), (10, ERROR), (110, PASS))).reasons == (
        "72.60% of 365 expected unit-slots were observed; 95.00% are needed",
        "the longest gap of one unit lasts 2400 h; 168 h are allowed",
    )
    late = _concluded(_unit((0, PASS), (10, FAIL), (18, PASS)), test=replace(TEST, severity="critical"))
    (reason,) = late.reasons
    assert reason.startswith("acct-1 failed from 2025-01-11T06:00:00Z, closed late: 192 h of 168 h allowed, critical")
    assert reason.endswith("nothing compensates")


def test_deviations_come_in_the_order_of_time() -> None:
    """Whatever the order of the units."""
    late, early = _unit((0, PASS), (90, FAIL), (91, PASS), name="a"), _unit((0, PASS), (9, FAIL), (10, PASS), name="b")

    assert [one.interval.unit for one in _concluded(late, early).deviations] == ["b", "a"]


def test_the_slots_of_another_period_are_refused() -> None:
    """A grid that does not belong to the test would count the wrong slots."""
    other = replace(TEST, period=Period(YEAR.begins, YEAR.ends - DAY))

    with pytest.raises(ValueError, match="another period"):
        evaluate(TEST, [], grid=other.grid())


def test_one_grid_serves_many_controls() -> None:
    """With the same result as a grid of its own."""
    grid = TEST.grid()
    units = [_unit((0, PASS), (10, FAIL), (13, PASS), (200, ERROR), (203, PASS)), _unit((0, PASS), name="b")]

    first = evaluate(TEST, units, grid=grid)

    assert evaluate(TEST, units, grid=grid) == first == evaluate(TEST, units)


def test_a_slow_control_is_watched_over_the_whole_period() -> None:
    """A quarterly one that began in mid-quarter: the part before the first due instant is a slot as well."""
    within = period(["2025-02-10T00:00:00Z", "2025-11-01T00:00:00Z"])
    test = replace(TEST, frequency="quarterly", period=within)

    found = _concluded(_unit((0, PASS)), test=test)

    assert (found.expected_slots, found.covered_slots) == (4, 4)
