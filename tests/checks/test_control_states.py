"""Where controls and criteria stand, from the outcomes of checks."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.api import Outcome, Strength
from checks.controls import (
    Control,
    ControlState,
    Kind,
    Library,
    criterion_state,
    criterion_states,
    load,
    outcomes_of,
    state_of,
)
from checks.criteria import all_criteria
from checks.registry import all_checks

WORST_FIRST = ("FAIL", "ERROR", "UNKNOWN", "PASS", "NOT_APPLICABLE", "MANUAL", "NOT_AUTOMATED")
LIBRARY = load([], all_checks())
TESTED = LIBRARY.controls["AC-01"]

outcomes = st.lists(st.sampled_from(Outcome), min_size=1)
mappings = st.lists(st.tuples(st.sampled_from(Strength), st.sampled_from(ControlState)))


def of_kind(kind: Kind) -> Iterator[Control]:
    """Controls of a kind that no check tests."""
    return (control for control in LIBRARY.controls.values() if control.kind is kind and not control.checks)


def test_the_states_are_in_order() -> None:
    """Reports sort by this order."""
    assert tuple(ControlState) == WORST_FIRST


@given(outcomes)
def test_a_control_is_as_bad_as_its_worst_outcome(found: list[Outcome]) -> None:
    """No number of passes hides a fail, an error or an unknown."""
    assert state_of(TESTED, found) == next(word for word in WORST_FIRST if word in found)


@given(outcomes, st.sampled_from(Outcome))
def test_one_more_outcome_never_makes_a_control_better(found: list[Outcome], more: Outcome) -> None:
    """Looking at more can only reveal more, or replace "nothing to judge" by a pass."""
    before, after = (WORST_FIRST.index(state_of(TESTED, each)) for each in (found, [*found, more]))

    assert after <= before


@given(st.permutations([Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.UNKNOWN, Outcome.ERROR]))
def test_the_order_of_outcomes_does_not_matter(found: list[Outcome]) -> None:
    """The worst one counts, wherever it stands."""
    assert state_of(TESTED, found) is ControlState.ERROR


def test_a_control_whose_checks_did_not_run_is_unknown() -> None:
    """Absence is never a pass."""
    assert state_of(TESTED, []) is ControlState.UNKNOWN


def test_a_check_that_did_not_run_cannot_hide() -> None:
    """All passed but one that said nothing and one that is missing: two unknowns."""
    silent, missing, *others = TESTED.checks
    found = list(outcomes_of(TESTED, {silent: [], **{check_id: [Outcome.PASS] for check_id in others}}))

    assert missing not in others
    assert found == [Outcome.UNKNOWN, Outcome.UNKNOWN, *(Outcome.PASS for _ in others)]
    assert state_of(TESTED, found) is ControlState.UNKNOWN


def test_only_the_checks_of_a_control_count_for_it() -> None:
    """The fail of another check is not this control's."""
    found = {check_id: [Outcome.PASS] for check_id in TESTED.checks} | {"identity.user_mfa": [Outcome.FAIL]}

    assert state_of(TESTED, outcomes_of(TESTED, found)) is ControlState.PASS


@pytest.mark.parametrize("found", [[], [Outcome.PASS], [Outcome.FAIL]])
def test_a_control_without_checks_is_manual_or_not_automated(found: list[Outcome]) -> None:
    """Outcomes say nothing about a promise that no check tests."""
    assert {state_of(control, found) for control in of_kind(Kind.MANUAL)} == {ControlState.MANUAL}
    assert {state_of(control, found) for control in of_kind(Kind.HYBRID)} == {ControlState.NOT_AUTOMATED}
    assert {state_of(control, found) for control in of_kind(Kind.AUTOMATED)} == {ControlState.NOT_AUTOMATED}


@given(mappings)
def test_bad_news_reaches_the_criterion_through_any_mapping(
    mapped: list[tuple[Strength, ControlState]],
) -> None:
    """A fail, error or unknown of a merely supporting control counts as well."""
    bad = [word for word in WORST_FIRST[:3] if any(state == word for _, state in mapped)]

    assert (criterion_state(mapped) in WORST_FIRST[:3]) == bool(bad)
    assert not bad or criterion_state(mapped) == bad[0]


@given(mappings)
def test_a_criterion_passes_only_through_a_control_that_carries_it(
    mapped: list[tuple[Strength, ControlState]],
) -> None:
    """Support alone is no pass."""
    if criterion_state(mapped) is ControlState.PASS:
        assert any(state is ControlState.PASS and strength is not Strength.SUPPORTING for strength, state in mapped)


@pytest.mark.parametrize(
    ("mapped", "expected"),
    [
        ("direct PASS, direct MANUAL, direct NOT_AUTOMATED", "PASS"),
        ("direct NOT_APPLICABLE, direct MANUAL", "NOT_APPLICABLE"),
        ("direct PASS, partial NOT_APPLICABLE", "PASS"),
        ("direct MANUAL, direct NOT_AUTOMATED", "MANUAL"),
        ("supporting PASS, direct NOT_AUTOMATED", "NOT_AUTOMATED"),
        ("supporting PASS, direct MANUAL", "MANUAL"),
        ("supporting PASS", "MANUAL"),
        ("supporting NOT_APPLICABLE, supporting PASS", "MANUAL"),
        ("supporting UNKNOWN, direct PASS", "UNKNOWN"),
        ("supporting FAIL, direct MANUAL", "FAIL"),
        ("", "NOT_AUTOMATED"),
    ],
)
def test_examples_of_criteria(mapped: str, expected: str) -> None:
    """People come into play only where no check carries the criterion."""
    pairs = [pair.split() for pair in mapped.split(", ") if pair]

    assert criterion_state((Strength(strength), ControlState(state)) for strength, state in pairs) == expected


def test_every_criterion_is_always_listed() -> None:
    """All 61 in canonical order, even with no control in force."""
    nothing = Library({}, {}, "")

    assert list(criterion_states(LIBRARY, {})) == list(criterion_states(nothing, {})) == list(all_criteria())
    assert set(criterion_states(nothing, {}).values()) == {ControlState.NOT_AUTOMATED}


def test_a_control_without_a_state_is_unknown_to_its_criteria() -> None:
    """A control that nobody evaluated is not silently left out."""
    states = {name: ControlState.PASS for name in LIBRARY.controls if name != "EN-03"}

    assert [name for name, state in criterion_states(LIBRARY, states).items() if state == "UNKNOWN"] == ["CC6.1"]


def test_a_perfect_cloud_leaves_the_control_environment_to_people() -> None:
    """With every check passing, CC1 to CC3 are still for people to show, and encryption and access pass."""
    states = {name: state_of(control, [Outcome.PASS]) for name, control in LIBRARY.controls.items()}
    found = criterion_states(LIBRARY, states)

    assert {found[name] for name in found if name[:3] in {"CC1", "CC2", "CC3"}} <= {"MANUAL", "NOT_AUTOMATED"}
    assert {found[name] for name in ("CC6.1", "CC6.6", "CC7.2", "A1.2", "PI1.5")} == {"PASS"}


@given(st.lists(st.sampled_from(Outcome)))
def test_a_control_that_does_not_apply_has_no_other_state(found: list[Outcome]) -> None:
    """Whatever its checks say of other promises."""
    assert state_of(replace(TESTED, not_applicable="We have none."), found) is ControlState.NOT_APPLICABLE


def test_a_control_that_does_not_apply_leaves_its_criterion_to_the_others() -> None:
    """It neither passes the criterion nor hides that people have to show it; alone, it makes it not applicable."""
    served = [control for control in LIBRARY.controls.values() if any(c.id == "A1.3" for c in control.criteria)]
    one, other = served
    idle = {each.id: replace(each, not_applicable="We have none.") for each in served}
    some = replace(LIBRARY, controls={one.id: idle[one.id], other.id: other})
    none = replace(LIBRARY, controls=idle)
    states = {one.id: ControlState.NOT_APPLICABLE, other.id: ControlState.MANUAL}

    assert criterion_states(some, states)["A1.3"] is ControlState.MANUAL
    assert criterion_states(none, states)["A1.3"] is ControlState.NOT_APPLICABLE
    assert criterion_states(none, states)["P1.1"] is ControlState.NOT_AUTOMATED
