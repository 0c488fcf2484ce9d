"""A question about a whole day: the worst of it counts, and what was not read is not known to have been good."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from agent.asking.answer import Answer, ask
from agent.asking.question import Question, Span
from agent.errors import OperatorError
from agent.judge import Reading
from agent.record import record
from checks.controls import ControlState
from collectors.provenance import Identity, Page
from storage import seal
from storage.engine import Store
from storage.rows import Outcome
from tests.agent.evaluation.planted import DAY, END, MFA, Company, thing, wiring
from tests.conftest import JANUARY, Clock
from tests.storage.builders import HOUR, PROD, bucket, document, run

NIGHT = JANUARY + DAY
RECORD = record(
    Reading(Identity("aws", PROD.account, "arn:aws:iam::1:user/reader"), ("us-east-1",), Page([], [], [], [])),
    {},
    [],
    keep_all=False,
)


def of(
    store: Store, begins: int, ends: int | None = None, *, control: str = "AC-02", part: str | None = None
) -> Answer:
    """The answer for a day, or for [begins, ends)."""
    span = Span(begins, ends or begins + DAY)
    return ask(store, wiring(), Question(control, None, part, span))[0]


def live(store: Store, clock: Clock, hours: Mapping[int, Mapping[str, Outcome | None]]) -> None:
    """One run at each of these hours after the first of January, with what changed."""
    for hour, verdicts in hours.items():
        clock.time = JANUARY + hour * HOUR
        said = {
            (MFA, thing(name)): None if outcome is None else (outcome, str(outcome))
            for name, outcome in verdicts.items()
        }
        run(store, clock, clock.time, documents={bucket("a"): document("a", V=hour)}, verdicts=said, record=RECORD)


def test_the_worst_of_the_day_counts(store: Store, clock: Clock) -> None:
    """An hour without a device makes the day FAIL; before it and after it the day is told as it was."""
    users: dict[str, Outcome | None] = {
        "alice": Outcome.PASS,
        "bob": Outcome.PASS,
        "carl": Outcome.FAIL,
        "dora": Outcome.PASS,
    }
    steps: dict[int, Mapping[str, Outcome | None]] = {
        0: users,
        27: {"bob": Outcome.FAIL},
        28: {"bob": Outcome.PASS, "dora": None},
        30: {"carl": Outcome.PASS},
    }
    live(store, clock, {**steps, 49: {"alice": Outcome.FAIL}})
    found = of(store, NIGHT)
    told = {
        pair.subject.name: [
            ((held.begins - NIGHT) // HOUR, (held.ends - NIGHT) // HOUR, held.outcome.value) for held in pair.held
        ]
        for pair in found.pairs
    }

    assert told == {
        "bob": [(0, 3, "PASS"), (3, 4, "FAIL"), (4, 24, "PASS")],
        "carl": [(0, 6, "FAIL"), (6, 24, "PASS")],
        "alice": [(0, 24, "PASS")],
        "dora": [(0, 4, "PASS")],
    }
    assert [pair.subject.name for pair in found.pairs][:2] == ["bob", "carl"]
    assert (found.state, dict(found.counts)) == (ControlState.FAIL, {"FAIL": 2, "PASS": 2})
    assert len(found.looked[0].runs) == 3


def test_each_verdict_is_shown_at_its_worst(store: Store, clock: Clock) -> None:
    """The evidence of a lapse is that of its last moment, that of a good day the newest of the day."""
    live(
        store,
        clock,
        {0: {"alice": Outcome.PASS, "bob": Outcome.PASS}, 27: {"bob": Outcome.FAIL}, 30: {"bob": Outcome.PASS}},
    )
    _, verdicts = ask(store, wiring(), Question("AC-02", None, None, Span(NIGHT, NIGHT + DAY)))

    assert {moment - NIGHT: [each.name for each in found] for moment, found in verdicts.items()} == {
        6 * HOUR - 1: ["bob"],
        DAY - 1: ["alice"],
    }


def test_a_day_that_was_good(store: Store, clock: Clock) -> None:
    """Nothing failed at any moment, somebody looked, and nobody had to be guessed about."""
    live(store, clock, {0: {"alice": Outcome.PASS}, 25: {}, 47: {}, 48: {}})
    found = of(store, NIGHT)

    assert (found.state, found.unread, found.missed, found.blind) == (ControlState.PASS, (), (), ())


def test_a_day_without_a_run_is_not_known(store: Store, clock: Clock) -> None:
    """The verdict of the day before stands, and yet nobody looked; the missed slot is told when it is known."""
    live(store, clock, {0: {"alice": Outcome.PASS}, 49: {}})
    seal.append_gap(store, PROD, NIGHT + 3 * HOUR, "AGENT_DOWN", "down")
    found = of(store, NIGHT)

    assert found.counts == {"PASS": 1}
    assert found.state is ControlState.UNKNOWN
    assert [each.target for each in found.unread] == [PROD]
    assert [(each.slot - NIGHT, each.reason) for each in found.missed] == [(3 * HOUR, "AGENT_DOWN")]


def test_a_day_on_which_reading_began(store: Store, clock: Clock) -> None:
    """What was before the first run is not known either."""
    live(store, clock, {5: {"alice": Outcome.PASS}, 25: {}})
    found = of(store, JANUARY)

    assert (found.state, found.looked[0].since) == (ControlState.UNKNOWN, JANUARY + 5 * HOUR)


def test_a_day_that_is_not_over(store: Store, clock: Clock) -> None:
    """It is judged as far as it is on record."""
    live(store, clock, {0: {"alice": Outcome.PASS}, 25: {}})
    found = of(store, NIGHT, NIGHT + HOUR + 1)

    assert (found.pairs[0].held[-1].ends, found.state) == (NIGHT + HOUR + 1, ControlState.PASS)


def test_nothing_in_force_is_refused(store: Store, clock: Clock) -> None:
    """No verdict is no answer."""
    live(store, clock, {0: {"alice": Outcome.PASS}, 30: {}})

    with pytest.raises(OperatorError, match="no verdict was in force"):
        of(store, NIGHT, part="nobody")


@pytest.mark.parametrize(
    ("day", "control", "part", "state", "bad"),
    [
        (4, "AC-02", "l", "PASS", []),
        (5, "AC-02", "l", "FAIL", ["alice"]),
        (6, "AC-02", "l", "FAIL", ["alice"]),
        (7, "AC-02", "l", "PASS", []),
        (12, "AC-02", "o", "FAIL", ["bob"]),
        (21, "AC-02", "l", "UNKNOWN", []),
        (31, "EN-05", "", "FAIL", ["gone"]),
        (33, "EN-05", "", "PASS", []),
        (50, "CF-03", "", "FAIL", ["log-0"]),
        (60, "CF-03", "", "PASS", []),
    ],
)
def test_days_of_the_planted_company(
    company: Company, day: int, control: str, part: str, state: str, bad: list[str]
) -> None:
    """Written by hand: who failed on which day, and the days on which the agent was down."""
    found = of(company.store, JANUARY + day * DAY, control=control, part=part or None)

    assert found.state == state
    assert [pair.subject.name for pair in found.pairs if pair.worst == "FAIL"] == bad


def test_waivers_and_library_are_those_of_the_day(company: Company) -> None:
    """The exception is told on its days only, and so is the version of the library."""
    early, late = of(company.store, JANUARY + 51 * DAY, control="CF-03"), of(company.store, END - DAY, control="CF-03")

    assert [[each.id for each in found.waivers] for found in (early, late)] == [[], ["W-0001"]]
    assert early.promised.version is not None
    assert late.promised.version is not None
    assert early.promised.version.seq < late.promised.version.seq
    assert {early.promised.library.digest, late.promised.library.digest} == {f"{7:064x}", f"{3:064x}"}
