"""Controls that come, go, do not apply or make up for each other, over ten days of daily runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from agent import library
from agent.audit.conclusions import Conclusion
from agent.audit.rollup import Status
from agent.evaluation.periods import Evaluation, Question, evaluate
from checks.library import Control, Library, Policy
from checks.scope import choose
from storage import seal
from storage.engine import Store
from storage.rows import Outcome
from tests.agent.evaluation.planted import DAY, MFA, TLS, daily, thing, wiring
from tests.conftest import JANUARY, Clock
from tests.storage.builders import bucket, document, run

GUARD = daily("AC-02", policy=Policy.STRICT, severity="critical", sla_days=1, compensated_by=())
PLAIN = daily("EN-05", policy=Policy.STRICT)
DAYS = 10


def decade(store: Store, clock: Clock, versions: Mapping[int, list[Control]]) -> Evaluation:
    """Ten days in which one user of ten has no device for three, under the controls that these days bring."""
    for day in range(DAYS):
        clock.time = JANUARY + day * DAY
        if day in versions:
            controls = {each.id: each for each in versions[day]}
            made = Library(controls, {}, f"{day:064x}", choose(categories=["security"]))
            seal.append_policy(store, library.POLICY, library.body(made))
        said = {0: [*range(10)], 4: [3], 7: [3]}.get(day, [])
        outcome = Outcome.FAIL if day == 4 else Outcome.PASS
        verdicts = {(MFA, thing(f"user-{number}")): (outcome, str(outcome)) for number in said}
        if day == 0:
            verdicts[TLS, thing("store")] = (Outcome.PASS, "PASS")
        run(store, clock, clock.time, documents={bucket("a"): document("a")}, verdicts=verdicts)
    end = JANUARY + DAYS * DAY
    with store.read() as conn:
        return evaluate(conn, wiring(), Question(begins=JANUARY, ends=end, as_of=end))


def test_nothing_makes_up_for_a_grave_failure(store: Store, clock: Clock) -> None:
    """Late and critical: one deviation is enough."""
    found = decade(store, clock, {0: [GUARD, PLAIN]})
    assert found.controls["AC-02"].conclusion is Conclusion.NOT_EFFECTIVE
    assert found.criteria["CC6.6"].status is Status.NOT_MET


@pytest.mark.parametrize("named", ["by the other", "by itself"])
def test_compensation(store: Store, clock: Clock, named: str) -> None:
    """A control that worked all the while lifts the weight of the deviation, which stays, whoever names the other."""
    pair = [replace(GUARD, compensated_by=("EN-05",)), PLAIN]
    if named == "by the other":
        pair = [GUARD, replace(PLAIN, compensates_for=("AC-02",))]
    guard = decade(store, clock, {0: pair}).controls["AC-02"]
    assert guard.parts[0].state is not None
    (deviation,) = guard.parts[0].state.deviations
    assert (deviation.compensated_by, deviation.serious, deviation.counted) == ("EN-05", False, True)
    assert guard.conclusion is Conclusion.EFFECTIVE_WITH_DEVIATIONS


def test_a_control_that_came_later(store: Store, clock: Clock) -> None:
    """It is judged from its first day, and its criterion is not met for the time before."""
    found = decade(store, clock, {0: [GUARD], 5: [GUARD, PLAIN]})
    added = found.controls["EN-05"]
    assert added.conclusion is Conclusion.EFFECTIVE
    assert [part.control is None for part in added.parts] == [True, False]
    assert any(note.startswith("not in force from 2026-01-01") for note in added.notes)
    status = found.criteria["CC6.7"]
    assert (status.status, status.controls) == (Status.NOT_MET, ("EN-05",))
    assert status.reason == "no control for it was in force from 2026-01-01T00:00:00Z until 2026-01-06T00:00:00Z"


def test_a_control_that_went(store: Store, clock: Clock) -> None:
    """What was promised until then is still judged, and told as no longer in force."""
    found = decade(store, clock, {0: [GUARD, PLAIN], 5: [GUARD]})
    assert found.controls["EN-05"].conclusion is Conclusion.EFFECTIVE
    assert found.criteria["CC6.7"].status is Status.NOT_MET


def test_a_control_that_does_not_apply(store: Store, clock: Clock) -> None:
    """It has no conclusion, and a criterion that only it serves does not apply either, for its reason."""
    found = decade(store, clock, {0: [GUARD, replace(PLAIN, not_applicable="we store nothing")]})
    assert found.controls["EN-05"].word == "not_applicable"
    status = found.criteria["CC6.7"]
    assert (status.status, status.reason) == (Status.NOT_APPLICABLE, "EN-05: we store nothing")


def test_a_control_that_is_not_in_force_yet(store: Store, clock: Clock) -> None:
    """It has no conclusion, and its criterion has no control."""
    found = decade(store, clock, {0: [GUARD, replace(PLAIN, effective_from=date(2026, 6, 1))]})
    assert found.controls["EN-05"].word == "not_in_force"
    assert (found.criteria["CC6.7"].status, found.criteria["CC6.7"].reason) == (Status.NOT_MET, "design_gap")
