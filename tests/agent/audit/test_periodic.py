"""Periodic controls: which operation serves which slot, and what follows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.audit.conclusions import Conclusion
from agent.audit.parameters import DAY, GraceDays, Parameters
from agent.audit.periodic import Operation, PeriodicResult, Result, conclude, slot_label
from agent.audit.periods import Calendar, Period, iso
from tests.agent.audit.vectors import each, instant, period

DEFAULTS = Parameters()
YEAR = period(["2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"])
FILE_CREATED = instant("2025-12-02T00:00:00Z")
"""When the file of the back-dated example was made."""
QUARTERLY = Calendar(frequency="quarterly")


def at(day: str) -> int:
    """Noon of a day."""
    return instant(f"{day}T12:00:00Z")


def done(*days: str, slot: str = "", reliable: bool = True) -> list[Operation]:
    """Operations at noon of these days."""
    return [Operation(id=day, performed_at=at(day), slot=slot, reliable=reliable) for day in days]


def quarters(operations: list[Operation], within: Period = YEAR) -> PeriodicResult:
    """The conclusion on a quarterly control."""
    return conclude(QUARTERLY, within, operations, DEFAULTS)


def results(found: PeriodicResult) -> list[str]:
    """The result of each slot, in order."""
    return [slot.result.value for slot in found.slots]


@each("periodic_control")
def test_the_example(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """Expectation, counts and conclusion of the worked example."""
    frequency = given["frequency"]
    operations = [
        Operation(
            id=str(number),
            performed_at=instant(one["performed_at"]),
            reliable=one.get("ipe_ok", True),
            earliest_trace=FILE_CREATED if one.get("backdated") else None,
        )
        for number, one in enumerate(given["operations"])
    ]
    anchor = instant(given["anchor"]) if "anchor" in given else None
    grace = replace(GraceDays(), **{frequency: given["grace_days"]})
    shown = conclude(
        Calendar(frequency=frequency, anchor=anchor),
        period(given["period"]),
        operations,
        replace(DEFAULTS, grace_days=grace),
    ).to_json()
    assert {name: shown[name] for name in expected} == expected


def test_grace_and_lateness_begin_where_the_one_before_ends() -> None:
    """A quarter that is due on 1 April has grace until 16 April and can be late until 1 July."""
    others = done("2025-06-20", "2025-09-20", "2025-12-20")
    for day, result in (
        ("2025-03-31T23:59:59Z", Result.ON_TIME),
        ("2025-04-01T00:00:00Z", Result.WITHIN_GRACE),
        ("2025-04-15T23:59:59Z", Result.WITHIN_GRACE),
        ("2025-04-16T00:00:00Z", Result.LATE),
        ("2025-06-19T00:00:00Z", Result.LATE),
    ):
        found = quarters([Operation(id="x", performed_at=instant(day)), *others])
        assert (found.slots[0].result, found.slots[0].due) == (result, instant("2025-04-01T00:00:00Z")), day


def test_late_once_is_a_deviation_and_mostly_late_a_failure() -> None:
    """Two of four are half, three are more."""
    first, second, third = (
        done(day, slot=slot)
        for day, slot in (("2025-05-10", "2025-Q1"), ("2025-08-10", "2025-Q2"), ("2025-11-10", "2025-Q3"))
    )
    once = quarters([*first, *done("2025-06-20", "2025-09-20", "2025-12-20")])
    assert (results(once)[0], once.conclusion) == ("late", Conclusion.EFFECTIVE_WITH_DEVIATIONS)
    twice = quarters([*first, *second, *done("2025-09-20", "2025-12-20")])
    assert (twice.counts()["late"], twice.conclusion) == (2, Conclusion.EFFECTIVE_WITH_DEVIATIONS)
    thrice = quarters([*first, *second, *third, *done("2025-12-20")])
    assert (thrice.counts()["late"], thrice.conclusion) == (3, Conclusion.NOT_EFFECTIVE)


@pytest.mark.parametrize(
    ("missed", "conclusion"),
    [
        (0, Conclusion.EFFECTIVE),
        (1, Conclusion.EFFECTIVE_WITH_DEVIATIONS),
        (2, Conclusion.NOT_EFFECTIVE),
    ],
)
def test_two_missed_months_are_too_many(missed: int, conclusion: Conclusion) -> None:
    """One of twelve is a deviation."""
    months = done(*(f"2025-{month:02}-20" for month in range(1, 13 - missed)))
    assert conclude(Calendar(frequency="monthly"), YEAR, months, DEFAULTS).conclusion is conclusion


def test_an_operation_before_the_period_takes_its_slot_along() -> None:
    """A review of January serves the first quarter, which a period from February no longer expects."""
    within = Period(at("2025-02-15"), YEAR.ends)
    found = quarters(done("2025-01-20", "2025-06-20", "2025-09-20", "2025-12-20"), within)
    assert (found.expected, results(found)[0], found.conclusion) == (3, "before_period", Conclusion.EFFECTIVE)


def test_only_its_own_window_reaches_before_the_period() -> None:
    """A review of December serves no slot of the new year."""
    found = quarters(done("2024-12-20", "2025-06-20", "2025-09-20", "2025-12-20"))
    assert (found.expected, results(found)[0]) == (4, "missed")
    assert found.unused[0].reason == "performed before the period"


def test_a_slot_takes_the_newest_and_leaves_the_other_to_the_one_before() -> None:
    """5 July and 25 September serve the second quarter within grace and the third on time."""
    found = quarters(done("2025-03-20", "2025-07-05", "2025-09-25", "2025-12-18"))
    assert results(found) == ["on_time", "within_grace", "on_time", "on_time"]
    assert [slot.operation and slot.operation.id for slot in found.slots[1:3]] == ["2025-07-05", "2025-09-25"]


def test_the_oldest_late_one_counts() -> None:
    """It is the one that ended the lateness."""
    found = quarters(done("2025-05-10", "2025-05-20", "2025-06-20", "2025-09-20", "2025-12-20"))
    assert found.slots[0].operation == done("2025-05-10")[0]
    assert found.unused[0].reason == "every slot in reach was served by another operation"


def test_the_slot_on_the_record_decides_among_those_in_reach() -> None:
    """A review of July for the second quarter leaves the third open."""
    named = quarters([*done("2025-03-20", "2025-12-18"), *done("2025-07-05", slot="2025-Q2")])
    assert results(named) == ["on_time", "within_grace", "missed", "on_time"]
    silent = quarters(done("2025-03-20", "2025-12-18", "2025-07-05"))
    assert results(silent) == ["on_time", "missed", "on_time", "on_time"]


def test_a_label_stretches_no_window() -> None:
    """Four records of one day do not stand for four quarters."""
    same_day = [
        Operation(id=f"Q{number}", performed_at=at("2025-12-20"), slot=f"2025-Q{number}") for number in range(1, 5)
    ]
    found = quarters(same_day)
    assert results(found) == ["missed", "missed", "late", "on_time"]
    assert found.conclusion is Conclusion.NOT_EFFECTIVE


def test_a_record_for_another_period_serves_none_of_ours() -> None:
    """The review of January for the last quarter of the year before."""
    found = quarters(done("2025-01-05", slot="2024-Q4"))
    assert (results(found)[0], found.unused[0].reason) == (
        "missed",
        "names slot 2024-Q4, which is not due in the period",
    )


def test_reliable_evidence_goes_before_newer_unreliable_evidence() -> None:
    """A bad copy of a good record harms nothing."""
    good = done("2025-03-20", "2025-06-20", "2025-09-20", "2025-12-18")
    assert quarters([*good, *done("2025-09-25", reliable=False)]).conclusion is Conclusion.EFFECTIVE


def test_a_back_dated_record_is_listed_and_never_counts() -> None:
    """It claims June, and its file is of December."""
    operation = Operation(id="x", performed_at=at("2025-06-20"), earliest_trace=at("2025-12-02"))
    found = quarters([operation, *done("2025-03-20", "2025-09-20", "2025-12-18")])
    assert (results(found)[1], found.conclusion) == ("missed", Conclusion.NOT_EFFECTIVE)
    assert found.to_json()["unused"][0]["reason"].startswith("back-dated")


def test_the_due_offset_moves_the_slot_and_not_its_name() -> None:
    """December's review is due on 11 January, in that year's first slot."""
    calendar = Calendar(frequency="monthly", offset=10 * DAY)
    found = conclude(calendar, YEAR, done("2025-01-08"), DEFAULTS)
    first = found.slots[0]
    assert (first.label, iso(first.due), first.result) == ("2024-12", "2025-01-11T00:00:00Z", Result.ON_TIME)


@pytest.mark.parametrize(
    ("frequency", "zone", "label"),
    [
        ("weekly", "UTC", "2025-W01"),
        ("monthly", "UTC", "2025-01"),
        ("monthly", "America/New_York", "2025-01"),
        ("quarterly", "UTC", "2025-Q1"),
        ("semiannual", "UTC", "2025-H1"),
        ("annual", "UTC", "2025"),
    ],
)
def test_names_of_slots(frequency: str, zone: str, label: str) -> None:
    """After the calendar, in the zone of the company; the week to 6 January 2025 is the first of its year."""
    calendar = Calendar(frequency=frequency, zone=zone)
    within = Period(YEAR.begins + DAY, YEAR.ends + DAY)
    assert slot_label(calendar, next(calendar.windows(within))) == label


def test_the_reason_tells_both_readings() -> None:
    """Where unverified evidence decides."""
    found = quarters([*done("2025-03-20", "2025-06-20", "2025-12-18"), *done("2025-09-25", reliable=False)])
    assert (
        found.reason
        == "4 due: 3 on time, 1 unverified; effective if the unverified ones count, not_effective if they do not"
    )
    assert quarters([], Period(YEAR.begins, YEAR.begins + DAY)).reason == "nothing was due in the period"


@st.composite
def one_a_month(draw: st.DrawFn) -> list[Operation]:
    """At most one operation in each month, some of them without reliable evidence."""
    found = []
    for month in range(1, 13):
        state = draw(st.sampled_from(["none", "reliable", "unreliable"]))
        if state != "none":
            day = f"2025-{month:02}-{draw(st.integers(1, 28)):02}"
            found.extend(done(day, slot=f"2025-{month:02}", reliable=state == "reliable"))
    return found


@given(
    one_a_month(), st.sampled_from([YEAR, Period(YEAR.begins, at("2025-04-15")), Period(YEAR.begins, YEAR.ends + DAY)])
)
def test_the_bounding_rule(operations: list[Operation], within: Period) -> None:
    """With unverified slots the conclusion is the one that both readings share, or none."""
    calendar = Calendar(frequency="monthly")
    found = conclude(calendar, within, operations, DEFAULTS)
    counted = conclude(calendar, within, [replace(each, reliable=True) for each in operations], DEFAULTS).conclusion
    missed = conclude(calendar, within, [each for each in operations if each.reliable], DEFAULTS).conclusion
    assert found.conclusion is (counted if counted is missed else Conclusion.UNABLE_TO_CONCLUDE)


@given(
    st.lists(
        st.tuples(st.integers(-400, 800), st.sampled_from(["", "2025-Q2", "2025-Q3"]), st.booleans()), max_size=12
    ),
    st.randoms(),
)
def test_one_operation_serves_one_slot(drawn: list[tuple[int, str, bool]], random: Any) -> None:
    """In whatever order they come, each serves a slot or is listed with a reason, and never one outside its reach."""
    operations = [
        Operation(id=str(number), performed_at=YEAR.begins + day * DAY, slot=slot, reliable=reliable)
        for number, (day, slot, reliable) in enumerate(drawn)
    ]
    found = quarters(operations)
    used = [slot.operation.id for slot in found.slots if slot.operation]
    assert sorted([*used, *(each.operation.id for each in found.unused)]) == sorted(each.id for each in operations)
    for slot in found.slots:
        if slot.operation:
            assert slot.opens <= slot.operation.performed_at < YEAR.ends
            assert slot.operation.slot in {"", slot.label}
    random.shuffle(operations)
    assert [(slot.result, slot.if_reliable) for slot in quarters(operations).slots] == [
        (slot.result, slot.if_reliable) for slot in found.slots
    ]
