"""The schedule is arithmetic."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import clock
from agent.schedule import SECOND, Cron, Every, Plan, delay, due, read_declared

HOUR = 3600
HOURLY = Every(HOUR)
plans = st.sampled_from(
    [
        *(Every(seconds) for seconds in (60, 900, HOUR, 86400)),
        *(Cron(line) for line in ("*/15 * * * *", "0 9 * * 1-5", "30 2 1 * *", "0 0 29 2 *", "5 4 * * sun")),
    ]
)
instants = st.integers(clock.parse("2020-01-01"), clock.parse("2035-01-01"))


def test_the_first_run_takes_the_slot_at_hand() -> None:
    """Nothing was missed before there was anything."""
    assert due(HOURLY, None, 5 * HOUR * SECOND + 7).slot == 5 * HOUR * SECOND
    assert due(HOURLY, None, 5 * HOUR * SECOND + 7).missed == ()


def test_a_slot_that_was_run_is_not_due_again() -> None:
    """One run per slot."""
    assert due(HOURLY, 5 * HOUR * SECOND, 5 * HOUR * SECOND + 7).slot is None


def test_slots_in_between_are_missed() -> None:
    """Three hours of silence are two missed slots and one due."""
    found = due(HOURLY, 5 * HOUR * SECOND, 8 * HOUR * SECOND)

    assert found.slot == 8 * HOUR * SECOND
    assert found.missed == (6 * HOUR * SECOND, 7 * HOUR * SECOND)


@given(plans, instants)
def test_slots_follow_each_other(plan: Plan, instant: int) -> None:
    """The latest slot is not in the future, the next one is, and nothing lies between them."""
    latest, following = plan.slot_of(instant), plan.next(instant)

    assert latest <= instant < following
    assert plan.slot_of(latest) == latest
    assert plan.next(latest) == following
    assert list(plan.expected(latest, following)) == []


@given(plans, instants, st.integers(0, 50))
def test_missed_and_due_slots_leave_no_hole(plan: Plan, instant: int, number: int) -> None:
    """From the last slot on, every slot is either missed or the current one."""
    last = plan.slot_of(instant)
    slots = list(itertools.islice(_from(plan, last), number + 1))
    found = due(plan, last, slots[-1])

    assert [last, *found.missed, *([found.slot] if found.slot is not None else [])] == slots


def _from(plan: Plan, slot: int) -> itertools.chain[int]:
    return itertools.chain([slot], plan.expected(slot, 1 << 62))


@given(plans)
def test_a_plan_survives_the_ledger(plan: Plan) -> None:
    """What the ledger holds gives the same plan again, for one target and for all others."""
    declared = read_declared({"every": 60, "targets": {"prod": plan.declared()}})

    assert declared.of("prod") == declared.of("prod/123456789012") == plan
    assert declared.of("lab") == Every(60)
    assert read_declared(declared.declared()) == declared


@pytest.mark.parametrize("declared", [{}, {"every": 0}, {"every": True}, {"cron": "x"}, {"every": 60, "targets": [1]}])
def test_a_strange_declaration_is_refused(declared: dict[str, object]) -> None:
    """A schedule that means nothing is no schedule of zero slots."""
    with pytest.raises(ValueError, match=r"names|crontab"):
        read_declared(declared)


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ("0 0 * * 0", {6}), ("0 0 * * 7", {6}), ("0 0 * * 1-5", {0, 1, 2, 3, 4}), ("0 0 * * MON,fri", {0, 4}),
        ("0 0 * * */2", {6, 1, 3, 5}), ("0 0 * * 5-7", {4, 5, 6}), ("0 0 * * 3/2", {2, 4}),
    ],
)  # fmt: skip
def test_week_days_are_those_of_crontab(line: str, days: set[int]) -> None:
    """0 and 7 are Sunday, as crontab has it and the library behind it has not."""
    start = clock.parse("2026-03-02")
    slots = Cron(line).expected(start - 1, start + 7 * 86400 * SECOND)

    assert {datetime.fromtimestamp(slot / SECOND, UTC).weekday() for slot in slots} == days


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("0 * * *", "write minute, hour"), ("61 * * * *", "maximum"), ("0 0 30 2 *", "no date that exists"),
        ("0 0 1 * 1", "keep one"), ("0 0 * * fri-mon", "run backwards"), ("0 0 * * 8", "no day of week"),
    ],
)  # fmt: skip
def test_a_bad_line_says_why(line: str, said: str) -> None:
    """A line that would never run, or run at another time than meant, is refused."""
    with pytest.raises(ValueError, match=said):
        Cron(line)


@given(st.text(min_size=1), st.integers(0, 7200))
def test_the_delay_is_steady_and_bounded(name: str, spread: int) -> None:
    """A target starts equally late in each slot, and never later than asked."""
    assert delay(name, spread) == delay(name, spread)
    assert 0 <= delay(name, spread) < max(spread * SECOND, 1)
