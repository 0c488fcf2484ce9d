"""Due rules, days in force, applicability, compensation and company files of the control library."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from checks.controls import FILE, DueRule, company_files, load
from checks.library import WITH_SLOTS
from checks.registry import all_checks
from checks.scope import choose
from tests.checks.company import MANUAL, OWN, library

DEFAULT = load([], all_checks())


def due_rules(tmp_path: Path, *lines: str) -> Iterator[DueRule | None]:
    """The rule of the manual control with each of these lines added."""
    for line in lines:
        yield library(tmp_path, MANUAL + line).controls["ACME-1"].due_rule


def test_a_due_date_is_read_in_numbers(tmp_path: Path) -> None:
    """Days of the calendar or of business, grace, the month with which years begin; or nothing."""
    assert list(
        due_rules(
            tmp_path,
            "",
            "due_days = 0",
            "due_business_days = 2",
            "due_days = 10\ngrace_days = 5\nfiscal_month = 4",
        )
    ) == [
        None,
        DueRule(days=0),
        DueRule(days=2, business=True),
        DueRule(days=10, grace_days=5, fiscal_month=4),
    ]


def test_everything_that_people_do_has_a_due_rule() -> None:
    """And what only checks do has none."""
    for control in DEFAULT.controls.values():
        assert (control.due_rule is not None) == control.by_people, control.id


def test_days_in_force_and_approval_are_read(tmp_path: Path) -> None:
    """Dates stand without quotes; the last one is the first day out of force."""
    more = "effective_from = 2026-01-01\neffective_to = 2027-01-01\neditorial = true\napproved_by = 'CEO'\n"
    control = library(tmp_path, MANUAL + more).controls["ACME-1"]

    assert (control.effective_from, control.effective_to) == (date(2026, 1, 1), date(2027, 1, 1))
    assert (control.editorial, control.approved_by) == (True, "CEO")


def test_a_control_that_does_not_apply_stays_in_sight(tmp_path: Path) -> None:
    """It keeps all of its words, tests nothing, and gives checks no numbers."""
    check = all_checks()["identity.access_key_age"]
    marked = library(tmp_path, '[[control]]\nid = "AC-05"\nnot_applicable = "We have no keys."\n')
    whole = library(tmp_path, OWN + 'not_applicable = "We have no keys."\n')

    assert marked.controls["AC-05"].not_applicable == "We have no keys."
    assert marked.controls["AC-05"].text.startswith("We let no access key")
    assert marked.for_check(check.id) == whole.for_check(check.id) == ()
    assert whole.params_for(check) == {"max_age_days": 90}
    assert marked.digest != load([], all_checks()).digest


def test_a_profile_switches_default_controls_off(tmp_path: Path) -> None:
    """The reason is the profile's; the company's own file brings one back."""
    own = OWN.replace('"AC-05"', '"NW-02"').replace("= 30", "= 90")
    (tmp_path / "own.toml").write_text(own)
    bpo = choose(None, "bpo")

    assert load([], all_checks(), bpo).controls["NW-02"].not_applicable == "We publish no web application."
    assert load([tmp_path / "own.toml"], all_checks(), bpo).controls["NW-02"].not_applicable == ""
    assert load([], all_checks()).controls["NW-02"].not_applicable == ""


def test_the_digest_follows_the_scope() -> None:
    """The same controls for another engagement are another version."""
    assert load([], all_checks(), choose(["privacy"])).digest != DEFAULT.digest
    assert load([], all_checks(), choose()).digest == DEFAULT.digest


def test_compensation_is_known_from_both_sides(tmp_path: Path) -> None:
    """Either control may name the other, when both answer the same danger."""
    one = OWN + 'risk = "account takeover"\ncompensated_by = ["AC-02"]\n'
    other = MANUAL + 'risk = "account takeover"\ncompensates_for = ["AC-05"]\n'
    own = library(tmp_path, one, other)

    assert own.compensating("AC-05") == ("AC-02", "ACME-1")
    assert own.compensating("AC-02") == ()


def test_each_control_knows_its_file(tmp_path: Path) -> None:
    """Whoever has to mend it finds it."""
    own = library(tmp_path, OWN)

    assert own.files["AC-05"] == str(tmp_path / "own0.toml")
    assert own.files["AC-01"] == FILE


def test_company_files_are_found_in_the_order_of_names(tmp_path: Path) -> None:
    """Only TOML files in controls.d count, and no such folder is no fault."""
    assert company_files(tmp_path) == ()

    folder = tmp_path / "controls.d"
    folder.mkdir()
    for name in ("20-people.toml", "10-cloud.toml", "notes.md"):
        (folder / name).write_text("")

    assert company_files(tmp_path) == (folder / "10-cloud.toml", folder / "20-people.toml")


def test_what_lists_the_occasions_is_read(tmp_path: Path) -> None:
    """A population, and the second list that fits it."""
    control = library(tmp_path, MANUAL + 'population = "leavers"\njoin = "accounts"\n').controls["ACME-1"]
    assert (control.population, control.join) == ("leavers", "accounts")
    plain = library(tmp_path, MANUAL).controls["ACME-1"]
    assert (plain.population, plain.join) == ("", "")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (MANUAL + 'population = "leaver"\n', "ACME-1: population: is 'leaver'; did you mean leavers?"),
        (MANUAL + 'population = "zzz"\n', "ACME-1: population: is 'zzz'; use leavers, joiners,"),
        (MANUAL + 'join = "accounts"\n', "ACME-1: join: 'accounts' does not fit 'no population'; use it with leavers"),
        (MANUAL + 'population = "joiners"\njoin = "approvals"\n', "'joiners'; use it with changes or emergency-"),
        (
            MANUAL.replace('"event"', '"annual"') + 'population = "events"\n',
            "stands beside the frequency annual, which has",
        ),
        (OWN + 'population = "events"\n', "AC-05: population: stands in an automated control"),
    ],
)
def test_what_lists_the_occasions_is_checked(tmp_path: Path, text: str, complaint: str) -> None:
    """A closed set, for what people do without slots only."""
    with pytest.raises(ValueError, match=re.escape(complaint)):
        library(tmp_path, text)


def test_every_event_control_of_people_has_a_population() -> None:
    """The default library leaves none open, and nothing else names one."""
    for control in DEFAULT.controls.values():
        assert bool(control.population) == (control.by_people and control.frequency not in WITH_SLOTS), control.id
