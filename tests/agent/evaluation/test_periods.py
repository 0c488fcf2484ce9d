"""A period from the store to its conclusions, with facts planted and expectations written by hand."""

from __future__ import annotations

import pytest

from agent import clock as agent_clock
from agent.audit.conclusions import Conclusion
from agent.audit.rollup import Status
from agent.errors import OperatorError
from agent.evaluation import told
from agent.evaluation.conclude import Concluded
from agent.evaluation.gather import Known
from agent.evaluation.told import deviation_to_json
from collectors.facts.core import Reason
from tests.agent.evaluation.planted import DAY, DAYS, END, LISTED, NEW, Company
from tests.conftest import JANUARY

WITH = Conclusion.EFFECTIVE_WITH_DEVIATIONS


def day(number: float) -> int:
    """Midnight that begins a day of the period."""
    return JANUARY + round(number * DAY)


def stamp(number: float) -> str:
    """The same, as results show it."""
    return agent_clock.iso(day(number))


def failing(each: Concluded) -> list[tuple[str, float, float, str | None, bool, bool]]:
    """(resource, first bad day, day of its end, ended by, late, counted) of each failing interval, by segment."""
    return [
        (
            one.interval.unit.rpartition(" ")[2],
            (one.interval.detected_at - JANUARY) / DAY,
            (one.interval.until - JANUARY) / DAY,
            one.interval.ended_by,
            one.interval.timeliness.late,
            one.counted,
        )
        for part in each.parts
        if part.state
        for one in part.state.deviations
    ]


def test_planted_facts(company: Company) -> None:
    """Each planted fact is found, and each control is concluded as the rules say."""
    found = company.ask()
    controls = found.controls
    assert {name: each.conclusion for name, each in controls.items()} == {
        "AC-02": WITH,
        "EN-05": WITH,
        "PI-06": WITH,
        "CF-03": WITH,
        "EN-06": Conclusion.UNABLE_TO_CONCLUDE,
        "AC-10": Conclusion.EFFECTIVE,
    }
    assert failing(controls["AC-02"]) == [
        ("alice", 5, 7, "remediated", False, False), ("bob", 10, 15, "remediated", True, True),
    ]  # fmt: skip
    assert failing(controls["EN-05"]) == [("gone", 30, 33, "removal", False, True)]
    assert failing(controls["PI-06"]) == [
        ("db-0", 59, 61, None, False, False), ("db-0", 59, 64, "remediated", True, True),
    ]  # fmt: skip
    assert failing(controls["CF-03"]) == [("log-0", 50, 52, "waiver", False, True)]
    assert failing(controls["EN-06"]) == []
    assert [each.deviations for each in controls.values()] == [1, 1, 1, 1, 0, 0]


def test_slots_and_the_outage(company: Company) -> None:
    """Three days without the agent are a gap of every unit, and what is counted is what was covered."""
    mfa = company.ask(control="AC-02").controls["AC-02"].parts[0].state
    assert mfa is not None
    assert (mfa.expected_slots, mfa.covered_slots, mfa.deviating_slots, mfa.units) == (800, 770, 5, 10)
    (missing,) = mfa.gaps
    assert (missing.gap.begins, missing.gap.ends, missing.gap.reason) == (day(20), day(23), Reason.AGENT_DOWN)
    assert len(missing.units) == 10
    gone = company.ask(control="EN-05").controls["EN-05"].parts[0].state
    assert gone is not None
    assert (gone.expected_slots, gone.covered_slots, gone.deviating_slots) == (3 * 80 + 33, 3 * 77 + 30, 3)


def test_a_changed_threshold_splits_the_period(company: Company) -> None:
    """Each segment is judged by the days that were promised in it, a failure keeping its first moment."""
    parts = company.ask(control="PI-06").controls["PI-06"].parts
    assert [(part.period.begins, part.period.ends) for part in parts] == [(JANUARY, day(61)), (day(61), END)]
    assert [part.control and part.control.sla_days for part in parts] == [7, 3]
    assert [part.conclusion for part in parts] == [Conclusion.EFFECTIVE, WITH]
    assert [part.state and part.state.deviating_slots for part in parts] == [0, 3]


def test_an_exception_that_came_too_late(company: Company) -> None:
    """It excuses nothing before it was recorded, however far back it is dated, and is named with what it missed."""
    found = company.ask(control="CF-03")
    state = found.controls["CF-03"].parts[0].state
    assert state is not None
    assert [(each.waiver, each.begins, each.ends) for each in state.excused] == [("W-0001", day(52), day(60))]
    said = deviation_to_json(state.deviations[0], "CF-03", found.known)
    assert (said["waived_by"], said["last_pass_at"], said["last_fail_at"]) == (["W-0001"], stamp(49), stamp(51))
    assert state.deviating_slots == 2


def test_as_of_before_the_exception(company: Company) -> None:
    """What was recorded later is not known then: the failure is open, and the account still unread."""
    found = company.ask(as_of=day(51.5))
    assert found.interim
    assert found.known.period.ends == day(51.5)
    assert failing(found.controls["CF-03"]) == [("log-0", 50, 51.5, None, False, True)]
    assert [each.id for each in found.known.blind] == [f"everything in aws/{NEW.name}/{NEW.account}"]
    assert found.known.attestations != ()
    assert company.ask(as_of=day(49)).known.attestations == ()


def test_a_new_account_is_in_scope_before_it_is_read(company: Company) -> None:
    """From the day on which the organization listed it, ten days are a gap with its own reason."""
    state = company.ask(control="EN-06").controls["EN-06"].parts[0].state
    assert state is not None
    late = [each for each in state.gaps if each.gap.reason is Reason.ACCOUNT_NOT_ONBOARDED]
    assert [(each.gap.begins, each.gap.ends, each.gap.slots) for each in late] == [(day(LISTED), day(54), 10)]
    assert (state.expected_slots, state.covered_slots, state.longest_gap) == (80 + 36, 77 + 26, 10 * DAY)


def test_people(company: Company) -> None:
    """The review serves its quarter; one that nobody looked at would not."""
    (part,) = company.ask(control="AC-10").controls["AC-10"].parts
    assert part.people is not None
    assert part.people.slots is not None
    assert [(each.due, each.result) for each in part.people.slots.slots] == [(day(59), "on_time")]
    assert company.ask(control="AC-10", as_of=day(49)).controls["AC-10"].conclusion is Conclusion.NOT_OPERATED


def test_criteria(company: Company) -> None:
    """Unable is not determinable, no control is a gap of design, and the estimate comes with its label."""
    found = company.ask()
    assert found.criteria["CC1.1"].status is Status.NOT_MET
    assert found.criteria["CC6.6"].status is Status.MET_WITH_EXCEPTIONS
    assert "A1.2" not in found.criteria
    assert found.rolled is not None
    assert str(found.rolled.estimate).startswith("READINESS ESTIMATE - only a licensed CPA issues an opinion: adverse")
    assert company.ask(criterion="CC6.6").rolled is None


def test_the_way_down(company: Company) -> None:
    """A deviation names the ledger entries of its four moments and the command that shows its evidence."""
    found = company.ask(control="AC-02")
    (control,) = told.to_json(found)["controls"]
    bob = control["segments"][0]["state"]["deviations"][1]
    assert bob["resource"] == "bob"
    assert bob["evidence"] == (
        f"proofkeep evidence --control AC-02 --check identity.user_mfa --resource bob --as-of {stamp(14)}"
    )
    times = {name: _recorded(found.known, seq) for name, seq in bob["entries"].items()}
    assert times == {"last_pass": day(9), "detected": day(10), "last_fail": day(14), "ended": day(15)}


def _recorded(known: Known, seq: int) -> int:
    return next(run.recorded for runs in known.runs.values() for run in runs if run.seq == seq)


def test_before_any_library(company: Company) -> None:
    """Time before the first version is judged by it: nothing was looked at then, so it is a gap and no pass."""
    found = company.ask(begins=JANUARY - 20 * DAY, control="AC-02").controls["AC-02"]
    (part,) = found.parts
    assert part.state is not None
    assert part.state.expected_slots == 10 * (DAYS + 20)
    assert found.conclusion is Conclusion.UNABLE_TO_CONCLUDE
    assert any("no control library was recorded yet" in note for note in found.notes)


def test_what_cannot_be_asked(company: Company) -> None:
    """A period that runs backwards, a control and a criterion that were never there."""
    for question in ({"ends": JANUARY}, {"control": "XX-1"}, {"criterion": "A1.2"}, {"as_of": JANUARY - DAY}):
        with pytest.raises(OperatorError):
            company.ask(**question)
