"""What the lint of a control library finds, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from checks.controls import FILE, load
from checks.library import Control, DueRule, Frequency, Kind, Library, Policy
from checks.lint import Level, lint
from checks.registry import all_checks
from checks.scope import choose

CHECKS = all_checks()
DEFAULT = load([], CHECKS)


def changed(changes: Mapping[str, Mapping[str, Any]], **others: Any) -> Library:
    """The default library with other words in these controls."""
    controls = {name: replace(control, **changes.get(name, {})) for name, control in DEFAULT.controls.items()}
    return replace(DEFAULT, controls=controls, **others)


def said(library: Library, level: Level = Level.ERROR) -> list[str]:
    """Control, key and problem of each issue of a level."""
    return [f"{each.control}: {each.key}: {each.problem}" for each in lint(library, CHECKS) if each.level is level]


def of(name: str, **changes: Any) -> list[str]:
    """The errors of the default library with one control changed."""
    return said(changed({name: changes}))


def test_the_default_library_is_clean() -> None:
    """No error and no warning."""
    assert [issue.line() for issue in lint(DEFAULT, CHECKS)] == []


def test_an_issue_is_one_line_with_everything_in_it() -> None:
    """Level, file, control, key, what is wrong, what to do."""
    (issue,) = lint(changed({"AC-05": {"sla_days": 8}}), CHECKS)

    assert issue.line() == (
        f"error: {FILE}: AC-05: text: says within 7 days, and the policy forgives what is repaired in 8 days; "
        'write "within 8 days", change sla_days, or write policy = "strict"'
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("We let no key grow old.", "says 'no' without a time for repair"),
        ("We replace keys.", "gives no time for repair"),
        ("We replace keys within 30 days.", "says within 30 days"),
        ("We replace keys after 7 days.", "gives no time for repair"),
        ("We replace keys within 7 days.", ""),
        ("We replace keys of 90 days within seven days.", ""),
        ("We replace keys within 7 business days, and tell within 1 day.", ""),
    ],
)
def test_a_forgiving_policy_needs_its_time_in_the_text(text: str, problem: str) -> None:
    """The days of the text are those of the policy, in digits or words."""
    found = of("AC-05", text=text, params={})

    assert found == ([f"AC-05: text: {problem}, and the policy forgives what is repaired in 7 days"] if problem else [])


def test_a_strict_policy_leaves_no_time_for_repair() -> None:
    """A text that gives time is refused; a number of days that a check tests is no such time."""
    problem = "AC-02: text: says within 2 days, and the policy strict counts each failure at once"

    assert of("AC-02", text="We add a second factor within 2 days.") == [problem]
    assert of("LG-02", text="We delete no log, and look within 365 days.") == []


def test_a_strict_text_under_a_forgiving_policy_is_found() -> None:
    """The other way round: only the policy was changed."""
    assert of("AC-02", policy=Policy.REMEDIATE_WITHIN_SLA) == [
        "AC-02: text: says 'nobody' without a time for repair, and the policy forgives what is repaired in 2 days"
    ]


def test_deadlines_of_people_stand_in_the_due_rule() -> None:
    """A number in the text that the due text does not name is found; for a machine it is the days of repair."""
    assert of("AC-10", text="We take away rights within 10 days.") == [
        "AC-10: text: says within 10 days, and due does not"
    ]
    machine = {"kind": Kind.AUTOMATED, "due_rule": None}
    assert of("CM-01", text="We agree within three days.", **machine) == [
        "CM-01: text: says within 3 days, and sla_days does not"
    ]
    assert of("CM-01", text="We agree within two business days.", **machine) == []


def test_a_number_that_a_check_tests_stands_in_the_text() -> None:
    """Otherwise an auditor would not know what was promised."""
    text = "We let few keys grow old or come closer than 30 days to their end, and replace them within 7 days."

    assert said(changed({"AC-05": {"text": text}}), Level.WARNING) == [
        "AC-05: params.identity.access_key_age.max_age_days: is 90, and the text does not say so",
        "AC-05: params.identity.shared_key_age.max_age_days: is 90, and the text does not say so",
    ]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"due_rule": None}, "due_days: is missing"),
        ({"procedure": ""}, "procedure: is missing"),
        (
            {"due_rule": DueRule(days=0, grace_days=14)},
            "due: says 15 days of grace, and grace_days is 14",
        ),
        (
            {"due_rule": DueRule(days=10, grace_days=15)},
            "due: does not say 10 days, as the rule in numbers does",
        ),
        ({"due_rule": DueRule(days=10, grace_days=15), "due": "Each quarter, ten days later."}, ""),
    ],
)
def test_what_people_do_has_a_procedure_and_a_due_rule(changes: dict[str, Any], problem: str) -> None:
    """And the rule in numbers is the one in words."""
    assert of("GV-02", **changes) == ([f"GV-02: {problem}"] if problem else [])


def test_a_deadline_of_the_law_needs_no_number_in_words() -> None:
    """The law has the words."""
    assert of("IR-03", due_rule=DueRule(days=4)) == []


def test_a_check_that_is_gone_is_found() -> None:
    """A library of before may name one; files of today are refused when they are read."""
    assert of("NW-03", checks=("exposure.no_such",)) == ["NW-03: checks: there is no check 'exposure.no_such'"]


def test_a_manual_control_has_no_checks() -> None:
    """One of the two is wrong."""
    found = of("NW-03", kind=Kind.MANUAL, procedure="Look.", due_rule=DueRule(days=0), frequency=Frequency.DAILY)

    assert found == ["NW-03: kind: is manual, and checks test it"]


def test_a_check_without_a_control_is_worth_a_look() -> None:
    """It costs calls, and nobody promised what it tests."""
    controls = {name: control for name, control in DEFAULT.controls.items() if name != "NW-03"}
    library = replace(DEFAULT, controls=controls)

    assert said(library, Level.WARNING) == [
        "exposure.data_service_open: checks: runs, and no control promises what it tests",
        "exposure.database_public: checks: runs, and no control promises what it tests",
    ]


def test_a_criterion_needs_a_key_control() -> None:
    """Lost when the control is no key, does not apply or is not there at all."""
    for change in ({"key": False}, {"not_applicable": "We have none."}):
        assert said(changed({"RM-02": change, "AV-09": change}))[-1].startswith("CC9.1: criteria: of "), change
    bare: dict[str, Control] = {}

    assert len(said(replace(DEFAULT, controls=bare))) == 61
    assert said(replace(DEFAULT, controls=bare))[0] == "CC1.1: criteria: no control serves it"


def test_a_criterion_out_of_scope_needs_none() -> None:
    """It is listed with its reason instead."""
    scope = choose([], not_relevant={"CC9.1": "made up"})

    assert said(changed({"RM-02": {"key": False}, "AV-09": {"key": False}}, scope=scope)) == []


def test_a_criterion_that_is_only_supported_is_worth_a_look() -> None:
    """Its key controls make others credible, and none is what it asks for."""
    criteria = tuple(each for each in DEFAULT.controls["GV-12"].criteria if each.id != "CC2.1")

    assert said(changed({"GV-12": {"criteria": criteria}}), Level.WARNING) == [
        "CC2.1: criteria: its controls only support it, and none carries it"
    ]


def test_an_editorial_change_is_approved_as_one() -> None:
    """Or it would hide a change of the promise."""
    assert of("AC-02", editorial=True) == ["AC-02: editorial: is true, and nobody approved that the meaning stayed"]
    assert of("AC-02", editorial=True, approved_by="CEO") == []


def test_compensation_has_to_hold() -> None:
    """It applies, and is not tested by what fails; two that make up for each other are worth a look."""
    idle: dict[str, dict[str, Any]] = {"AC-02": {"compensated_by": ("AC-03",)}, "AC-03": {"not_applicable": "None."}}
    twin = {"AC-02": {"compensated_by": ("AC-01",)}, "AC-01": {"checks": ("identity.user_mfa",)}}
    both: dict[str, dict[str, Any]] = {"AC-02": {"compensated_by": ("AC-03",), "compensates_for": ("AC-03",)}}

    assert said(changed(idle)) == ["AC-02: compensated_by: AC-03 makes up for it and does not apply"]
    assert said(changed(twin)) == [
        "AC-02: compensated_by: AC-01 is tested by identity.user_mfa as well, so that both fail together"
    ]
    assert said(changed(both)) == []
    assert said(changed(both), Level.WARNING) == [
        "AC-02: compensated_by: it and AC-03 make up for each other",
        "AC-03: compensated_by: it and AC-02 make up for each other",
    ]


def test_errors_come_first() -> None:
    """Whoever reads only the first line reads the worst."""
    both = changed(
        {"AC-05": {"text": "We let few keys grow old, and end in 30 days, within 7 days."}, "VN-02": {"due_rule": None}}
    )

    assert [issue.level for issue in lint(both, CHECKS)] == [Level.ERROR, Level.WARNING, Level.WARNING]


def test_events_need_something_that_lists_them() -> None:
    """Of what people do at events; slots and machines list their own."""
    missing = "nothing lists the occasions of this event control"
    (issue,) = lint(changed({"AC-15": {"population": ""}}), CHECKS)
    assert (issue.level, issue.control, issue.key, missing in issue.problem) == (
        Level.WARNING, "AC-15", "population", True,
    )  # fmt: skip
    assert lint(changed({"AC-10": {"population": ""}}), CHECKS) == []
