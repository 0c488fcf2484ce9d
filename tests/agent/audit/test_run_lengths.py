"""The run-length form comes to what a look at every single slot and every single observation comes to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.audit.coverage import Change, Reads, Status, Unit, from_observations
from agent.audit.intervals import Waiver
from agent.audit.parameters import DAY, HOUR, Parameters
from agent.audit.periods import Period
from agent.audit.state import StateResult, StateTest, evaluate
from checks.library import Policy

PASS, FAIL, NA, ERROR = Status
BEFORE, AFTER = 30, 150
"""Hours: the period lies somewhere inside, with observations on either side."""


@dataclass(frozen=True)
class Story:
    """One unit's life in whole hours."""

    observed: dict[int, Status]
    begins: int | None
    ends: int | None


@dataclass(frozen=True)
class Naive:
    """What a unit comes to, hour by hour."""

    expected: set[int]
    covered: set[int]
    deviating: set[int]
    intervals: list[tuple[int, int | None, str, int | None, bool]]
    """Detected, ended, ended by, last good, late."""


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[int], list[Story]]:
    """The runs that all units share, and what each run said of each unit."""
    hours = st.sets(st.integers(-BEFORE, AFTER), max_size=60)
    few = draw(hours)
    runs = sorted(few if draw(st.booleans()) else set(range(-BEFORE, AFTER)) - few)
    found = []
    for _ in range(draw(st.integers(1, 3))):
        begins = draw(st.none() | st.integers(-BEFORE, AFTER))
        ends = draw(st.none() | st.integers(-BEFORE, AFTER))
        turns = draw(st.dictionaries(st.integers(0, len(runs)), st.sampled_from(Status), max_size=15))
        first = min(turns, default=len(runs))
        status, observed = PASS, {}
        for position, run in enumerate(runs[first:], first):
            status = turns.get(position, status)
            observed[run] = status
        found.append(Story(observed, begins, ends))
    return runs, found


@st.composite
def exceptions(draw: st.DrawFn) -> list[Waiver]:
    """A few waivers, of which some overlap, meet or belong to another unit."""
    found = []
    for number in range(draw(st.integers(0, 3))):
        begins = draw(st.integers(-BEFORE, AFTER))
        ends = begins + draw(st.integers(1, 40))
        found.append(
            Waiver(
                id=f"W-{number}",
                unit=f"u-{draw(st.integers(0, 2))}",
                requester="owner",
                approver="officer",
                approved_at=begins * HOUR,
                valid_from=begins * HOUR,
                valid_to=ends * HOUR,
            )
        )
    return found


@settings(max_examples=300, deadline=None)
@given(
    stories(),
    exceptions(),
    st.integers(1, 100),
    st.sampled_from(("daily", "hourly")),
    st.sampled_from(Policy),
    st.integers(0, 30),
)
def test_as_if_every_slot_were_looked_at(
    told: tuple[list[int], list[Story]],
    waivers: list[Waiver],
    length: int,
    frequency: str,
    policy: Policy,
    sla: int,
) -> None:
    """Both forms of the input, against the naive reading of the rules."""
    runs, found = told
    test = StateTest(
        control="C-1",
        period=Period(0, length * HOUR),
        frequency=frequency,
        policy=policy,
        severity="low",
        sla=sla * HOUR,
        parameters=Parameters(),
    )
    naive = [_naive(test, number, story, waivers) for number, story in enumerate(found)]

    shared = evaluate(test, _shared(runs, found), waivers=waivers)
    single = evaluate(test, _single(found), waivers=waivers)

    for result in (shared, single):
        assert result.expected_slots == sum(len(one.expected) for one in naive)
        assert result.covered_slots == sum(len(one.covered) for one in naive)
        assert result.deviating_slots == sum(len(one.deviating) for one in naive)
        assert _gap_slots(result) == sorted(gap for one in naive for gap in _runs_of(one.expected - one.covered))
        assert _intervals(result) == sorted(
            (f"u-{number}", *interval) for number, one in enumerate(naive) for interval in one.intervals
        )


def _shared(runs: list[int], found: list[Story]) -> Iterator[Unit]:
    """All units on the same runs, each with its changes only."""
    reads = Reads(tuple(run * HOUR for run in runs))
    for number, story in enumerate(found):
        changes: list[Change] = []
        for run, status in story.observed.items():
            if not changes or changes[-1][1] is not status:
                changes.append((run * HOUR, status))
        yield Unit(f"u-{number}", tuple(changes), reads, _hours(story.begins), _hours(story.ends))


def _single(found: list[Story]) -> Iterator[Unit]:
    """Each unit on its own observations."""
    for number, story in enumerate(found):
        observations = [(run * HOUR, status) for run, status in story.observed.items()]
        yield from_observations(f"u-{number}", observations, begins=_hours(story.begins), ends=_hours(story.ends))


def _naive(test: StateTest, number: int, story: Story, waivers: list[Waiver]) -> Naive:
    """The rules, read slot by slot and hour by hour."""
    length = test.period.ends // HOUR
    width = 24 if test.frequency == "daily" else 1
    slots = [(begin, min(begin + width, length)) for begin in range(0, length, width)]
    last_hour = length if story.ends is None else min(length, story.ends)
    observed = {hour: status for hour, status in story.observed.items() if story.ends is None or hour < story.ends}
    expected = {
        slot
        for slot, (begin, end) in enumerate(slots)
        if (story.begins is None or story.begins <= begin) and end <= last_hour
    }
    intervals = _hour_by_hour(test, number, story, observed, waivers)
    covered, deviating = set(), set()
    for slot in expected:
        for hour in range(*slots[slot]):
            status = observed.get(hour, ERROR)
            if status is not ERROR:
                covered.add(slot)
            if status is FAIL and any(
                detected <= hour < (length if ended is None else ended) and (late or test.policy is Policy.STRICT)
                for detected, ended, _, _, late in intervals
            ):
                deviating.add(slot)
    last = len(slots) - 1
    cut_short = slots[last][1] - slots[last][0] < width
    if cut_short and last in expected - covered and last - 1 in covered:
        expected.discard(last)
    return Naive(expected, covered, deviating, intervals)


def _hour_by_hour(
    test: StateTest, number: int, story: Story, observed: dict[int, Status], waivers: list[Waiver]
) -> list[tuple[int, int | None, str, int | None, bool]]:
    length, sla = test.period.ends // HOUR, test.sla // HOUR
    mine = [waiver for waiver in waivers if waiver.unit == f"u-{number}"]
    found: list[tuple[int, int | None, str, int | None, bool]] = []
    detected: int | None = None
    bound: int | None = None
    good: int | None = None

    def close(hour: int | None, by: str) -> None:
        nonlocal detected
        until = length if hour is None else hour
        if detected is not None and until > 0:
            found.append((detected, hour, by, bound, until - detected > sla))
        detected = None

    for hour in range(-BEFORE, length):
        if hour == story.ends:
            close(hour, "removal")
            break
        status = observed.get(hour, ERROR)
        if status in {PASS, NA}:
            close(hour, "remediated" if status is PASS else "removal")
            good = hour
        elif any(waiver.begins <= hour * HOUR < waiver.ends for waiver in mine):
            close(hour, "waiver")
        elif status is FAIL and detected is None:
            detected, bound = hour, good
    close(None, "")
    return found


def _intervals(result: StateResult) -> list[tuple[str, int, int | None, str, int | None, bool]]:
    """The same of a result, in hours."""
    found = (one.interval for one in result.deviations)
    return sorted(
        (
            one.unit,
            one.detected_at // HOUR,
            None if one.ended_at is None else one.ended_at // HOUR,
            one.ended_by.value if one.ended_by else "",
            None if one.last_pass_at is None else one.last_pass_at // HOUR,
            one.timeliness.late,
        )
        for one in found
    )


def _gap_slots(result: StateResult) -> list[tuple[int, int]]:
    """Each gap of each unit, by the number of its first slot and how many it has."""
    width = DAY if result.test.frequency == "daily" else HOUR
    return sorted((one.gap.begins // width, one.gap.slots) for one in result.gaps for _ in one.units)


def _runs_of(slots: set[int]) -> Iterator[tuple[int, int]]:
    """Maximal runs of consecutive numbers, as (first, how many)."""
    for first in sorted(slot for slot in slots if slot - 1 not in slots):
        size = 1
        while first + size in slots:
            size += 1
        yield first, size


def _hours(number: int | None) -> int | None:
    return None if number is None else number * HOUR
