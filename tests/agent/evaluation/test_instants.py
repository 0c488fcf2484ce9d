"""Type I over the planted history: design, implementation, and nothing about operation over time."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent import clock as agent_clock
from agent.audit.type1 import TypeOne
from agent.errors import OperatorError
from agent.evaluation.instants import evaluate
from tests.agent.conftest import say
from tests.agent.evaluation.planted import DAY, END, Company, wiring
from tests.conftest import JANUARY, Clock
from tests.house.test_files import OPINION

GOOD, DEFICIENT = TypeOne.DESIGNED_AND_IMPLEMENTED, TypeOne.DESIGN_DEFICIENCY
BAD, UNABLE = TypeOne.NOT_IMPLEMENTED, TypeOne.UNABLE_TO_CONCLUDE


@pytest.mark.parametrize(
    ("control", "day", "result", "units"),
    [
        ("AC-02", 12, BAD, ["bob"]),
        ("AC-02", 15, GOOD, []),
        ("AC-02", 21, GOOD, []),  # the run of day 19 is two cadences old
        ("AC-02", 22.5, UNABLE, 10),
        ("EN-05", 1, DEFICIENT, ["approved"]),
        ("EN-06", 50, UNABLE, ["acme/222222222222/222222222222"]),
        ("EN-06", 54, GOOD, []),
        ("AC-10", 10, GOOD, []),
        ("AC-10", 55, GOOD, []),
    ],
)
def test_at_an_instant(company: Company, control: str, day: float, result: TypeOne, units: list[str] | int) -> None:
    """The newest observations count, an unseen unit leaves it open, and an unapproved design is deficient."""
    with company.store.read() as conn:
        found = evaluate(conn, wiring(), JANUARY + round(day * DAY), control=control).controls[control][1]
    assert found.result is result
    named = [each.rpartition(" ")[2].removeprefix("aws/") for each in found.units]
    assert (len(named) if isinstance(units, int) else named) == units


def test_before_any_library(company: Company) -> None:
    """Nothing was promised then, which is said in one line."""
    with company.store.read() as conn, pytest.raises(OperatorError, match="no control library is on record"):
        evaluate(conn, wiring(), JANUARY - DAY)


def test_command(planted_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Text and JSON tell the same, neither speaks of operation, and the future cannot be asked about."""
    clock.time = END
    monkeypatch.setattr(agent_clock, "now", clock)
    monkeypatch.chdir(tmp_path)
    words = ("type1", "--at", agent_clock.iso(JANUARY + 12 * DAY), "--database", planted_url)
    said, text = say(*words, "--json"), say(*words)
    assert (said.code, said.err) == (0, "")
    results = {each["control"]: each["result"] for each in said.json["controls"]}
    assert (results["AC-02"], results["EN-05"], len(results)) == ("not_implemented", "design_deficiency", 6)
    assert "the newest observation fails" in text.out
    for each in (said.out, text.out):
        assert "effective" not in each.lower()
        assert not OPINION.search(each)
    late = say("type1", "--at", "2099-01-01", "--database", planted_url)
    assert (late.code, "lies in the future" in late.err) == (2, True)
