"""From when on something is in scope, why it was not looked at, and a period of real runs."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from agent import clock as agent_clock
from agent import library
from agent.audit.coverage import Gap
from agent.evaluation.periods import Question, evaluate
from collectors.facts.core import Reason
from storage import seal
from storage.engine import Store
from storage.rows import GapRow, Outcome
from tests.agent.conftest import History
from tests.agent.evaluation.planted import DAY, MFA, promises, thing, wiring
from tests.conftest import JANUARY, Clock
from tests.storage.builders import bucket, document, run

CUT = GapRow(
    "PARTIAL_LISTING", "aws.iam_users", "global", "aws.iam.user", None, "iam:ListUsers", "iam:ListUsers", "Throttling"
)
OUTAGE = (6, 7)
ELSEWHERE, NONE = "identity.legacy_sign_in", Outcome.NOT_APPLICABLE
"""A check of what AWS has nothing of, and its only answer there."""
SEEN = {
    0: {"old": Outcome.PASS, "dark": Outcome.PASS},
    1: {"dark": Outcome.UNKNOWN},
    2: {"dark": Outcome.ERROR},
    3: {"dark": Outcome.PASS},
    4: {"hidden": Outcome.PASS},
    5: {"new": Outcome.PASS},
    8: {"after": Outcome.PASS},
}


def gaps_of(store: Store, clock: Clock, name: str) -> tuple[int, list[Gap]]:
    """Expected slots of one resource alone and its gaps, over ten days."""
    collector = next(each for each in wiring().collectors.values() if "users" in each.id)
    cut = replace(CUT, collector=collector.id)
    seal.append_policy(store, library.POLICY, library.body(promises()))
    for day in range(10):
        clock.time = JANUARY + day * DAY
        if day not in OUTAGE:
            verdicts = {(MFA, thing(uid)): (said, str(said)) for uid, said in SEEN.get(day, {}).items() if uid == name}
            found = {bucket("a"): document("a")}
            run(store, clock, clock.time, documents=found, verdicts=verdicts, gaps=[cut] if day == 3 else [])
    end = JANUARY + 10 * DAY
    with store.read() as conn:
        asked = Question(begins=JANUARY, ends=end, as_of=end, control="AC-02")
        state = evaluate(conn, wiring(), asked).controls["AC-02"].parts[0].state
    assert state is not None
    return state.expected_slots, [each.gap for each in state.gaps]


def days(gap: Gap) -> tuple[int, int, Reason]:
    """First day, first day after it, and why."""
    return (gap.begins - JANUARY) // DAY, (gap.ends - JANUARY) // DAY, gap.reason


@pytest.mark.parametrize(
    ("checks", "expected"),
    [((MFA,), 3), ((MFA, ELSEWHERE), 3), ((ELSEWHERE,), 3)],
    ids=["one check", "and one of what AWS has not", "that one alone"],
)
def test_what_a_cloud_has_not_waters_nothing_down(
    store: Store, clock: Clock, checks: tuple[str, ...], expected: int
) -> None:
    """It adds no slots to those of what is there; a control that tests nothing else keeps its answer."""
    promised = promises()
    control = replace(promised.controls["AC-02"], checks=checks)
    whole = replace(promised, controls={**promised.controls, "AC-02": control})
    seal.append_policy(store, library.POLICY, library.body(whole))
    for day in range(3):
        clock.time = JANUARY + day * DAY
        verdicts = {(MFA, thing("alice")): (Outcome.PASS, "one"), (ELSEWHERE, thing("all")): (NONE, "AWS has none")}
        run(store, clock, clock.time, documents={bucket("a"): document("a")}, verdicts={} if day else verdicts)
    end = JANUARY + 3 * DAY
    with store.read() as conn:
        asked = Question(begins=JANUARY, ends=end, as_of=end, control="AC-02")
        state = evaluate(conn, wiring(), asked).controls["AC-02"].parts[0].state

    assert state is not None
    assert (state.expected_slots, state.covered_slots) == (expected, expected)


DOWN = (6, 8, Reason.AGENT_DOWN)


def test_older_than_the_period(store: Store, clock: Clock) -> None:
    """What the very first run found is in scope from the beginning."""
    expected, gaps = gaps_of(store, clock, "old")
    assert (expected, [days(gap) for gap in gaps]) == (10, [DOWN])


def test_new_between_two_runs(store: Store, clock: Clock) -> None:
    """It is in scope from the first slot that begins after the run that did not see it."""
    expected, gaps = gaps_of(store, clock, "new")
    assert (expected, [days(gap) for gap in gaps]) == (5, [DOWN])


def test_new_after_an_outage(store: Store, clock: Clock) -> None:
    """It may have been there all along, so the outage is a gap of it."""
    expected, gaps = gaps_of(store, clock, "after")
    assert (expected, [days(gap) for gap in gaps]) == (4, [DOWN])


def test_new_after_a_listing_that_was_cut(store: Store, clock: Clock) -> None:
    """A run whose listing broke off does not prove that it was not there."""
    expected, gaps = gaps_of(store, clock, "hidden")
    assert (expected, [days(gap)[:2] for gap in gaps]) == (7, [(3, 4), (6, 8)])


def test_no_verdict_is_a_gap(store: Store, clock: Clock) -> None:
    """UNKNOWN and ERROR are neither pass nor fail: a gap of that resource alone."""
    expected, gaps = gaps_of(store, clock, "dark")
    assert (expected, [days(gap) for gap in gaps]) == (10, [(1, 3, Reason.CHECK_ERROR), DOWN])


def test_real_runs_and_the_way_down(history: History) -> None:
    """A user without a device until the last run: the interval, and the printed command leads to its evidence."""
    ends = agent_clock.iso(agent_clock.parse(history.times[2]) + 1)
    asked = ("period", "--from", history.times[0], "--to", ends, "--control", "AC-02")
    said = history.agent(*asked, "--json")
    assert (said.code, said.err) == (0, "")
    (control,) = said.json["controls"]
    (bob,) = control["segments"][0]["state"]["deviations"]
    assert bob["resource"].endswith("user/bob")
    assert (bob["detected_at"], bob["ended_at"], bob["ended_by"]) == (history.times[0], history.times[2], "remediated")
    assert (bob["entries"]["detected"], bob["entries"]["ended"]) == (history.entries[0], history.entries[2])
    name, *words = shlex.split(bob["evidence"])
    down = history.agent(*words, "--json")
    assert (name, down.code) == ("proofkeep", 0)
    assert [each["verdict"]["outcome"] for each in down.json["proofs"]] == ["FAIL"]
