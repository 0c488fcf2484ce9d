"""From controls to criteria, and from criteria to categories."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agent.audit.conclusions import Conclusion
from agent.audit.rollup import MappedControl, Status, categories, criterion
from checks.criteria import Category, all_criteria, in_scope
from tests.agent.audit.vectors import each

BEST_FIRST = (
    Conclusion.EFFECTIVE,
    Conclusion.EFFECTIVE_WITH_DEVIATIONS,
    Conclusion.UNABLE_TO_CONCLUDE,
    Conclusion.NOT_EFFECTIVE,
)
STATUS_BEST_FIRST = (Status.MET, Status.MET_WITH_EXCEPTIONS, Status.NOT_DETERMINABLE, Status.NOT_MET)
IDS = ("AC-01", "AC-02", "AC-03", "AC-04")


def control(name: str, conclusion: Conclusion, *compensated_by: str, key: bool = True) -> MappedControl:
    """A control that serves the criterion."""
    return MappedControl(id=name, key=key, conclusion=conclusion, compensated_by=compensated_by)


@each("criterion_rollup")
def test_the_example(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """The status of the worked example, and its reason where one is given."""
    controls = [
        control(
            one["id"],
            Conclusion(one["conclusion"]),
            *([one["compensated_by"]] if "compensated_by" in one else []),
            key=one["key"],
        )
        for one in given["controls"]
    ]
    found = criterion(controls)
    assert found.status == expected["status"]
    assert found.reason == expected.get("reason", found.reason)


@st.composite
def mapped(draw: st.DrawFn) -> list[MappedControl]:
    """Controls in any state, some of which compensate others."""
    names = draw(st.lists(st.sampled_from(IDS), unique=True, min_size=1))
    return [
        control(
            name,
            draw(st.sampled_from(BEST_FIRST)),
            *draw(st.lists(st.sampled_from(IDS), unique=True, max_size=2)),
            key=draw(st.booleans()),
        )
        for name in names
    ]


@given(mapped(), st.data())
def test_a_worse_control_never_improves_a_criterion(controls: list[MappedControl], data: st.DataObject) -> None:
    """Nor does the failure of one that compensates."""
    place = data.draw(st.integers(0, len(controls) - 1))
    rank = BEST_FIRST.index(controls[place].conclusion)
    assume(rank + 1 < len(BEST_FIRST))
    worse = BEST_FIRST[data.draw(st.integers(rank + 1, len(BEST_FIRST) - 1))]
    after = [replace(one, conclusion=worse) if at == place else one for at, one in enumerate(controls)]
    ranks = [STATUS_BEST_FIRST.index(criterion(state).status) for state in (controls, after)]
    assert ranks[0] <= ranks[1]


@given(mapped())
def test_only_clean_controls_meet_a_criterion_without_exceptions(controls: list[MappedControl]) -> None:
    """A gap under any control, key or not, is in sight."""
    clean = all(one.conclusion is Conclusion.EFFECTIVE for one in controls)
    assert (criterion(controls).status is Status.MET) == clean


@pytest.mark.parametrize("interim", [each for each in Conclusion if each.interim])
def test_a_request_for_more_tests_is_no_conclusion(interim: Conclusion) -> None:
    """Until they are done nobody can tell."""
    assert criterion([control("CM-01", interim)]).status is Status.NOT_DETERMINABLE


def test_a_key_control_without_evidence() -> None:
    """It decides, and names itself; beside it a failure decides first."""
    unable = control("AC-01", Conclusion.UNABLE_TO_CONCLUDE)
    found = criterion([unable, control("AC-02", Conclusion.EFFECTIVE)])
    assert (found.status, found.controls) == (Status.NOT_DETERMINABLE, ("AC-01",))
    assert criterion([unable, control("AC-02", Conclusion.NOT_EFFECTIVE)]).status is Status.NOT_MET


def test_a_control_that_is_not_key_makes_an_exception() -> None:
    """Unless no control is key: then all are."""
    failing = control("AC-02", Conclusion.NOT_EFFECTIVE, key=False)
    good = control("AC-01", Conclusion.EFFECTIVE)
    assert criterion([good, failing]).status is Status.MET_WITH_EXCEPTIONS
    assert criterion([replace(good, key=False), failing]).status is Status.NOT_MET


def test_a_compensating_control_may_serve_another_criterion() -> None:
    """What counts is that it works; an unknown one does not, nor does the control itself."""
    failing = [control("AC-02", Conclusion.NOT_EFFECTIVE, "LG-01", "AC-02")]
    works = criterion(failing, {"LG-01": Conclusion.EFFECTIVE_WITH_DEVIATIONS})
    assert works.status is Status.MET_WITH_EXCEPTIONS
    assert criterion(failing, {"LG-01": Conclusion.UNABLE_TO_CONCLUDE}).status is Status.NOT_MET
    assert criterion(failing).status is Status.NOT_MET


def test_one_idle_control_among_others_takes_no_part() -> None:
    """What had to operate was effective."""
    idle = control("IR-03", Conclusion.NOT_OPERATED)
    assert criterion([idle, control("IR-01", Conclusion.EFFECTIVE)]).status is Status.MET


def test_not_applicable_takes_a_reason() -> None:
    """Without one, a criterion that no control serves is a gap of the design."""
    assert criterion([], not_applicable="no personal data").to_json()["reason"] == "no personal data"
    assert criterion([], not_applicable="no personal data").status is Status.NOT_APPLICABLE
    assert criterion([], not_applicable=" ").to_json() == {"status": "not_met", "reason": "design_gap", "controls": []}


def test_every_category_holds_the_common_criteria() -> None:
    """Security is 33 criteria, always there; availability is those and its own three."""
    statuses = dict.fromkeys(all_criteria(), Status.MET) | {"A1.3": Status.NOT_MET}
    security, availability = categories([Category.AVAILABILITY], statuses)
    assert (security.category, len(security.criteria), len(availability.criteria)) == (Category.SECURITY, 33, 36)
    assert security.by_status() == {Status.MET: in_scope(["security"])}
    assert availability.by_status()[Status.NOT_MET] == ("A1.3",)
    assert availability.to_json()["criteria"]["not_met"] == ["A1.3"]


def test_a_criterion_without_a_status_is_refused() -> None:
    """It would otherwise look like one that is met."""
    statuses = dict.fromkeys(in_scope(["security"]), Status.MET)
    with pytest.raises(ValueError, match=r"availability: A1\.1, A1\.2, A1\.3 has no status"):
        categories([Category.AVAILABILITY], statuses)
