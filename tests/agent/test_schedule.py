"""The schedule is arithmetic."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.schedule import SECOND, due, expected, slot_of

HOUR = 3600
instants = st.integers(0, 4 * 10**15)
intervals = st.sampled_from([60, 900, HOUR, 86400])


def test_the_first_run_takes_the_slot_at_hand() -> None:
    """Nothing was missed before there was anything."""
    assert due(HOUR, None, 5 * HOUR * SECOND + 7).slot == 5 * HOUR * SECOND
    assert due(HOUR, None, 5 * HOUR * SECOND + 7).missed == ()


def test_a_slot_that_was_run_is_not_due_again() -> None:
    """One run per slot."""
    assert due(HOUR, 5 * HOUR * SECOND, 5 * HOUR * SECOND + 7).slot is None


def test_slots_in_between_are_missed() -> None:
    """Three hours of silence are two missed slots and one due."""
    found = due(HOUR, 5 * HOUR * SECOND, 8 * HOUR * SECOND)

    assert found.slot == 8 * HOUR * SECOND
    assert found.missed == (6 * HOUR * SECOND, 7 * HOUR * SECOND)


@given(intervals, instants, instants)
def test_missed_and_due_slots_leave_no_hole(every: int, a: int, b: int) -> None:
    """From the last slot on, every slot is either missed or the current one."""
    last, now = slot_of(every, min(a, b)), max(a, b)
    if (now - last) // (every * SECOND) > 10_000:
        now = last + 10_000 * every * SECOND
    found = due(every, last, now)
    covered = [last, *found.missed, *([found.slot] if found.slot is not None else [])]

    assert covered == list(range(last, slot_of(every, now) + 1, every * SECOND))


@given(intervals, instants)
def test_nothing_is_expected_inside_one_slot(every: int, instant: int) -> None:
    """Two instants of the same slot have no slot between them."""
    assert list(expected(every, slot_of(every, instant), instant)) in ([], [slot_of(every, instant)][:0])
