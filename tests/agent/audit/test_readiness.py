"""The readiness estimate never goes without its label."""

from __future__ import annotations

import json
import pickle
from dataclasses import FrozenInstanceError, asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.audit.parameters import Parameters
from agent.audit.readiness import LABEL, NOT_ASSESSED, STANDING_ASSUMPTIONS, ReadinessEstimate, estimate
from agent.audit.rollup import Status
from checks.criteria import all_criteria, in_scope
from tests.agent.audit.vectors import each, instant

WORDS = ("unqualified", "qualified", "adverse", "disclaimer")
SECURITY = in_scope(["security"])
STATUSES = st.fixed_dictionaries({name: st.sampled_from(Status) for name in SECURITY}).filter(
    lambda found: set(found.values()) != {Status.NOT_APPLICABLE}
)


def estimated(criteria: dict[str, Status]) -> ReadinessEstimate:
    """An estimate over these statuses."""
    return estimate(
        criteria,
        scope="security",
        cut_off=instant("2026-02-15T00:00:00Z"),
        parameters=Parameters(),
        assumptions=["the register of incidents is complete"],
    )


def with_status(status: Status, *names: str) -> dict[str, Status]:
    """All security criteria met, but for these."""
    return dict.fromkeys(SECURITY, Status.MET) | dict.fromkeys(names, status)


def word(criteria: dict[str, Status]) -> Any:
    """The word itself, as a program reads it beside the label."""
    return estimated(criteria).to_json()["estimate"]


@each("opinion_rollup")
def test_the_example(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """Word, counts and label of the worked example."""
    shown = estimated({name: Status(status) for name, status in given["criteria"].items()}).to_json()
    assert {name: shown[name] for name in expected} == expected


@given(STATUSES)
def test_no_rendering_lacks_the_label(criteria: dict[str, Status]) -> None:
    """Text, format, representation, JSON and a dump of the fields all carry it."""
    found = estimated(criteria)
    for text in (str(found), repr(found), f"{found}", f"{found!r}", "\n".join(found.lines())):
        assert text.startswith(LABEL)
        assert NOT_ASSESSED in text
        assert "evidence received until 2026-02-15" in text
        assert all(assumption in text for assumption in STANDING_ASSUMPTIONS)
        assert "tolerable_rate=0.05" in text
    assert found.to_json()["label"] == asdict(found)["label"] == LABEL
    assert pickle.loads(pickle.dumps(found)).label == LABEL  # noqa: S301  # our own bytes


def test_no_public_part_is_the_word_alone() -> None:
    """Whoever wants it takes the label along."""
    found = estimated(dict.fromkeys(SECURITY, Status.MET))
    public = [name for name in dir(found) if not name.startswith("_")]
    assert [name for name in public if getattr(found, name) in WORDS] == []


def test_the_label_cannot_be_another() -> None:
    """Neither set, nor given, nor replaced."""
    found = estimated(dict.fromkeys(SECURITY, Status.MET))
    with pytest.raises(FrozenInstanceError):
        found.label = "opinion"  # type: ignore[misc]
    with pytest.raises((TypeError, ValueError)):
        replace(found, label="opinion")


def test_everything_it_rests_on_is_in_the_json() -> None:
    """Scope, cut-off, parameters, assumptions and what is not assessed."""
    shown = json.loads(json.dumps(estimated(with_status(Status.MET_WITH_EXCEPTIONS, "CC6.1")).to_json()))
    assert (shown["scope"], shown["cut_off"], shown["in_scope"]) == ("security", "2026-02-15T00:00:00Z", 33)
    assert shown["parameters"] == json.loads(json.dumps(Parameters().to_json()))
    assert shown["assumptions"] == [*STANDING_ASSUMPTIONS, "the register of incidents is complete"]
    assert shown["not_assessed"] == NOT_ASSESSED
    assert shown["criteria"]["met_with_exceptions"] == ["CC6.1"]


def test_a_fifth_of_the_criteria_is_pervasive() -> None:
    """7 of 33 in two series weigh on the whole, 6 do not."""
    seven = ["CC6.1", "CC6.2", "CC6.3", "CC6.4", "CC7.1", "CC7.2", "CC7.3"]
    assert word(with_status(Status.NOT_MET, *seven)) == "adverse"
    assert word(with_status(Status.NOT_MET, *seven[:6])) == "qualified"
    assert word(with_status(Status.NOT_DETERMINABLE, *seven)) == "disclaimer"
    assert word(with_status(Status.NOT_DETERMINABLE, *seven[:6])) == "qualified"


def test_five_series_are_pervasive() -> None:
    """One criterion in each of five."""
    five = ["CC1.1", "CC2.1", "CC3.1", "CC4.1", "CC5.1"]
    assert word(with_status(Status.NOT_MET, *five)) == "adverse"
    assert word(with_status(Status.NOT_MET, *five[:4])) == "qualified"


def test_only_the_common_series_are_counted_as_series() -> None:
    """Five failures in other categories are five of 61."""
    five = ("A1.1", "PI1.1", "C1.1", "P1.1", "P2.1")
    assert word(dict.fromkeys(all_criteria(), Status.MET) | dict.fromkeys(five, Status.NOT_MET)) == "qualified"


def test_proven_failure_weighs_more_than_missing_evidence() -> None:
    """Where both are pervasive."""
    both = with_status(Status.NOT_MET, *SECURITY[:7]) | dict.fromkeys(SECURITY[7:20], Status.NOT_DETERMINABLE)
    assert word(both) == "adverse"


def test_what_is_not_applicable_is_out_of_scope() -> None:
    """It counts neither above nor below the line, and is listed."""
    found = estimated(with_status(Status.NOT_APPLICABLE, "CC6.4")).to_json()
    assert (found["in_scope"], found["criteria"]["not_applicable"], found["estimate"]) == (32, ["CC6.4"], "unqualified")


@pytest.mark.parametrize("criteria", [{}, {"CC6.4": Status.NOT_APPLICABLE}])
def test_nothing_in_scope_is_no_estimate(criteria: dict[str, Status]) -> None:
    """An empty list must not read as a clean one."""
    with pytest.raises(ValueError, match="nothing is in scope"):
        estimated(criteria)


def test_a_scope_without_a_name_is_refused() -> None:
    """A reader must know what it is about."""
    with pytest.raises(ValueError, match="name it"):
        estimate(dict.fromkeys(SECURITY, Status.MET), scope=" ", cut_off=0, parameters=Parameters())
