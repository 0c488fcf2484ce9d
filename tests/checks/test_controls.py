"""The default control library and the files that companies lay over it."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from checks.api import Strength
from checks.controls import FILE, Control, Covers, Frequency, Kind, Library, Policy, load
from checks.criteria import all_criteria
from checks.registry import all_checks
from tests.checks.company import MANUAL, OWN, library


@pytest.fixture(scope="module")
def default() -> Library:
    """The library as shipped."""
    return load([], all_checks())


def test_the_default_library_has_90_controls(default: Library) -> None:
    """No family lost a control."""
    assert Counter(name.partition("-")[0] for name in default.controls) == {
        "AC": 15, "EN": 6, "NW": 4, "LG": 7, "VM": 4, "CM": 4, "IR": 3,
        "AV": 9, "PI": 7, "CF": 4, "PR": 10, "GV": 13, "RM": 2, "VN": 2,
    }  # fmt: skip
    assert not default.disabled


def test_every_criterion_has_a_control_that_carries_it(default: Library) -> None:
    """No criterion is left alone, or with mere support."""
    carried = {
        criterion.id
        for control in default.controls.values()
        for criterion in control.criteria
        if criterion.strength is not Strength.SUPPORTING
    }

    assert carried == set(all_criteria())


def test_every_criterion_has_a_key_control(default: Library) -> None:
    """The roll-up of a criterion rests on its key controls."""
    keyed = {criterion.id for control in default.controls.values() if control.key for criterion in control.criteria}

    assert keyed == set(all_criteria())


def test_every_check_serves_a_control(default: Library) -> None:
    """A check that no promise needs would be noise."""
    used = {check_id for control in default.controls.values() for check_id in control.checks}

    assert used == set(all_checks())


def test_promises_are_in_the_voice_of_the_company(default: Library) -> None:
    """Each is one sentence that begins with "We", and no two controls say the same."""
    controls = default.controls.values()

    assert [control.id for control in controls if not re.fullmatch(r"We .{20,}\.", control.text)] == []
    assert len({control.text for control in controls}) == len({control.title for control in controls}) == 90


def test_the_numbers_of_a_promise_are_the_parameters_of_its_checks(default: Library) -> None:
    """Text and parameters stay in step: each number that a check is given is in the text."""
    pinned = {
        (control.id, str(value))
        for control in default.controls.values()
        for params in control.params.values()
        for value in params.values()
        if not isinstance(value, tuple)
    }

    assert len(pinned) >= 12
    assert {(name, value) for name, value in pinned if value not in default.controls[name].text} == set()


def test_every_threshold_is_pinned_by_a_promise(default: Library) -> None:
    """A check with a threshold reads it from a control, where the company sees it."""
    silent = {
        f"{check.id}.{param.name}"
        for check in all_checks().values()
        for param in check.params
        if not any(param.name in control.params.get(check.id, {}) for control in default.for_check(check.id))
    }

    assert silent == {"identity.root_unused.unused_days"}


def test_a_control_without_checks_says_why(default: Library) -> None:
    """What is not tested has its reason; what is left to people has a procedure and a due date."""
    for control in default.controls.values():
        assert bool(control.not_yet) == (not control.checks and control.kind is not Kind.MANUAL), control.id
        assert bool(control.procedure) == bool(control.due) == (control.kind is not Kind.AUTOMATED), control.id
        assert bool(control.not_covered) == (control.covers is Covers.PART), control.id
        assert bool(control.checks) == (control.covers is not Covers.NONE), control.id


def test_settings_of_a_cloud_at_most_support_the_control_environment(default: Library) -> None:
    """No automated control carries CC1, CC2 or CC3."""
    carried = [
        (control.id, criterion.id)
        for control in default.controls.values()
        if control.kind is Kind.AUTOMATED or control.checks
        for criterion in control.criteria
        if criterion.id[:3] in {"CC1", "CC2", "CC3"} and criterion.strength is not Strength.SUPPORTING
    ]

    assert carried == []


def test_a_control_is_read_whole(default: Library) -> None:
    """Every field of the file arrives, with its type."""
    control = default.controls["AC-04"]

    assert control == Control(
        id="AC-04",
        title=control.title,
        text=control.text,
        criteria=control.criteria,
        frequency=Frequency.DAILY,
        owner="Platform Lead",
        kind=Kind.AUTOMATED,
        key=False,
        severity="medium",
        sla_days=14,
        policy=Policy.REMEDIATE_WITHIN_SLA,
        checks=(
            "identity.password_complexity",
            "identity.password_guessing",
            "identity.password_length",
            "identity.password_reuse",
        ),
        params={
            "identity.password_guessing": {"attempts": 10, "lock_seconds": 60},
            "identity.password_length": {"min_length": 14},
            "identity.password_reuse": {"remembered": 24},
        },
        covers=Covers.ALL,
        not_covered="",
        procedure="",
        due="",
        not_yet="",
        risk="account takeover",
    )
    assert (control.criteria[0].id, control.criteria[0].strength) == ("CC6.1", Strength.PARTIAL)


def test_a_check_can_serve_several_controls(default: Library) -> None:
    """The signed log files belong to two promises, in the order of the library."""
    assert [control.id for control in default.for_check("audit_trail.log_validation")] == ["LG-01", "LG-03"]
    assert default.for_check("no.such") == ()


def test_a_company_control_replaces_the_default(tmp_path: Path) -> None:
    """The company's number reaches the check, and the other controls stay."""
    check = all_checks()["identity.access_key_age"]
    own = library(tmp_path, OWN)

    assert load([], all_checks()).params_for(check) == {"max_age_days": 90}
    assert own.params_for(check) == {"max_age_days": 30}
    assert own.controls["AC-05"].owner == "CTO"
    assert len(own.controls) == 90


def test_without_a_promise_a_check_keeps_its_default(tmp_path: Path) -> None:
    """A control that names no number leaves the check's own."""
    without = "\n".join(line for line in OWN.splitlines() if not line.startswith("params"))

    assert library(tmp_path, without).params_for(all_checks()["identity.access_key_age"]) == {"max_age_days": 90}


def test_a_list_parameter_takes_a_list(tmp_path: Path) -> None:
    """Names of approved policies arrive as a tuple."""
    check = all_checks()["identity.admin_provider_policy"]
    own = OWN.replace("identity.access_key_age", check.id).replace("max_age_days = 30", 'allowed = ["Admin", "Ops"]')

    assert library(tmp_path, own.replace("AC-05", "AC-07")).params_for(check) == {"allowed": ("Admin", "Ops")}


@pytest.mark.parametrize(("given", "fits"), [("0.5", True), ("2", True), ("inf", False), ("nan", False)])
def test_a_fraction_is_a_number_where_the_default_is_one(tmp_path: Path, given: str, fits: bool) -> None:
    """A threshold such as a rate takes whole numbers and fractions, as long as they are finite."""
    check = all_checks()["identity.access_key_age"]
    param = replace(check.params[0], default=1.5)
    checks = {**all_checks(), check.id: replace(check, params=(param,))}
    path = tmp_path / "own.toml"
    path.write_text(OWN.replace("= 30 }", f"= {given} }}"))

    if fits:
        assert load([path], checks).params_for(checks[check.id]) == {"max_age_days": float(given)}
    else:
        with pytest.raises(ValueError, match="write a value like"):
            load([path], checks)


def test_a_new_company_control_is_added_last(tmp_path: Path) -> None:
    """Companies have promises that no library knows."""
    own = library(tmp_path, MANUAL)

    assert list(own.controls)[-1] == "ACME-1"
    assert own.controls["ACME-1"].due == "For each visit, on its day."
    assert len(own.controls) == 91


def test_a_disabled_control_is_gone_and_its_reason_stays(tmp_path: Path) -> None:
    """Out of force, but not out of sight."""
    own = library(tmp_path, '[[control]]\nid = "PI-05"\ndisabled = true\nreason = "we deliver no files"\n')

    assert "PI-05" not in own.controls
    assert own.disabled == {"PI-05": "we deliver no files"}


def test_the_digest_follows_what_controls_say(tmp_path: Path, default: Library) -> None:
    """Any word or number changes it; comments and the order of controls do not."""
    one = library(tmp_path, OWN, MANUAL)
    disabled = '[[control]]\nid = "PI-05"\ndisabled = true\nreason = "{}"\n'

    assert re.fullmatch("[0-9a-f]{64}", default.digest)
    assert load([], all_checks()).digest == default.digest
    assert library(tmp_path, f"# ours\n{MANUAL}{OWN}").digest == one.digest
    others = {
        library(tmp_path, OWN.replace("= 30", "= 31"), MANUAL).digest,
        library(tmp_path, OWN, MANUAL.replace("low", "high")).digest,
        library(tmp_path, disabled.format("x")).digest,
        library(tmp_path, disabled.format("y")).digest,
    }
    assert len(others | {one.digest, default.digest}) == 6


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("[[control]]", "[[control", "the file: syntax: "),
        ("[[control]]", "[control]", "the file: control: is no list of tables; use [[control]] entries"),
        ("[[control]]", "[meta]\n[[control]]", "the file: meta: is not a key of a library"),
        ('id = "AC-05"', "", "a control without an id: id: "),
        ('"AC-05"', '"ac5"', "ac5: id: is missing or no control id"),
        ('owner = "CTO"', "", "AC-05: owner: is missing or of the wrong type; write a text in quotes"),
        ('owner = "CTO"', "owner = 3", "AC-05: owner: is missing or of the wrong type"),
        ('owner = "CTO"', 'owner = " "', "AC-05: owner: is empty"),
        ('"Keys are young"', '"Keys\\nare young"', "AC-05: title: is empty or has a line break"),
        ('"Keys are young"', '"Keys are young."', "AC-05: title: ends with a full stop"),
        ("within 30 days.", "within 30 days", "AC-05: text: is no sentence; end it with a full stop"),
        ("sla_days", "sla_day", "AC-05: sla_days: is missing or of the wrong type"),
        ("sla_days = 7", "sla_days = 0", "AC-05: sla_days: is 0; write 1 or more"),
        ("sla_days = 7", "sla_days = true", "AC-05: sla_days: is missing or of the wrong type"),
        ("key = true", 'key = "yes"', "AC-05: key: is missing or of the wrong type; write true or false"),
        ('"daily"', '"often"', "AC-05: frequency: is 'often'; use continuous, hourly, daily,"),
        ('"automated"', '"robot"', "AC-05: kind: is 'robot'; use automated, hybrid, manual"),
        ('"high"', '"huge"', "AC-05: severity: is 'huge'; use critical, high, medium, low"),
        ('"strict"', '"lax"', "AC-05: policy: is 'lax'; use strict, remediate_within_sla"),
        ('"part"', '"none"', "AC-05: covers: is 'none'; use all, part"),
        ('"CC6.1"', '"CC6.9"', "AC-05: criteria: there is no criterion 'CC6.9'; did you mean CC6."),
        (
            '"direct"',
            '"total"',
            "AC-05: criteria: CC6.1 has strength 'total'; use direct, partial, supporting",
        ),
        ('why = "a leaked key soon stops working"', 'why = ""', "AC-05: criteria: CC6.1 has no why"),
        (', why = "a leaked key soon stops working"', "", "AC-05: criteria: has the entry"),
        (
            "}]",
            '}, { id = "CC6.1", strength = "partial", why = "x" }]',
            "AC-05: criteria: CC6.1 is given twice",
        ),
        (
            '"CC6.1"',
            '"CC1.4"',
            "AC-05: criteria: CC1.4 is direct, and no setting of a cloud can carry CC1 to CC3",
        ),
        (
            '["identity.access_key_age"]',
            '["identity.access_key_ages"]',
            "did you mean identity.access_key_age?",
        ),
        (
            '_age"]',
            '_age", "identity.access_key_age"]',
            "AC-05: checks: identity.access_key_age is given twice",
        ),
        (
            '["identity.access_key_age"]',
            '["identity.user_mfa"]',
            "AC-05: params.identity.access_key_age: the control",
        ),
        ("{ max_age_days = 30 }", "3", "AC-05: params.identity.access_key_age: is no table"),
        (
            "max_age_days",
            "max_age",
            "params.identity.access_key_age.max_age: the check has no such parameter; did you",
        ),
        (
            "= 30",
            "= 30.5",
            "AC-05: params.identity.access_key_age.max_age_days: is 30.5; write a value like 90",
        ),
        ("= 30", '= "30"', "max_age_days: is '30'; write a value like 90"),
        ("= 30", "= true", "max_age_days: is True; write a value like 90"),
        ("= 30", "= -1", "max_age_days: is -1; write a value like 90"),
        ('not_covered = "Keys of partners."', "", "AC-05: not_covered: is missing or of the wrong type"),
        ('"part"', '"all"', "AC-05: not_covered: is not a key of a control, or not of this kind of control"),
        ("key = true", "key = true\nnot_yet = 'Later.'", "AC-05: not_yet: is not a key"),
        ("key = true", "key = true\nseverty = 'low'", "AC-05: severty: is not a key"),
        ('kind = "automated"', 'kind = "manual"', "AC-05: checks: stand in a manual control"),
        ('kind = "automated"', 'kind = "hybrid"', "AC-05: procedure: is missing or of the wrong type"),
        (
            'checks = ["identity.access_key_age"]',
            "",
            "AC-05: params.identity.access_key_age: the control has no such",
        ),
        (OWN, OWN + OWN, "AC-05: id: is given twice; keep one of the two"),
        (
            OWN,
            '[[control]]\nid = "XX-1"\ndisabled = true\nreason = "x"',
            "XX-1: disabled: there is no default control",
        ),
        (OWN, '[[control]]\nid = "AC-05"\ndisabled = true', "AC-05: reason: is missing or of the wrong type"),
        (
            OWN,
            '[[control]]\nid = "AC-05"\ndisabled = true\nreason = "x"\nkey = true',
            "AC-05: key: is not a key",
        ),
        ("key = true", "key = true\neffective_from = 'soon'", "AC-05: effective_from: is 'soon', no date; write it"),
        ("key = true", "key = true\neffective_from = 2026-01-01T00:00:00", "AC-05: effective_from: is datetime"),
        (
            "key = true",
            "key = true\neffective_from = 2026-02-01\neffective_to = 2026-02-01",
            "AC-05: effective_to: is 2026-02-01, not after 2026-02-01; write a later day",
        ),
        ("key = true", "key = true\neditorial = 1", "AC-05: editorial: is missing or of the wrong type"),
        ("key = true", "key = true\nrisk = ''", "AC-05: risk: is empty"),
        ("key = true", "key = true\nnot_applicable = ''", "AC-05: not_applicable: is empty"),
        ("key = true", "key = true\ndue_days = 1", "AC-05: due_days: is not a key of a control, or not of this kind"),
        ("key = true", "key = true\ncompensated_by = 'AC-01'", "AC-05: compensated_by: is missing or of the wrong"),
        (
            "key = true",
            "key = true\ncompensated_by = ['AC-01', 'AC-01']",
            "AC-05: compensated_by: is no list of different control ids",
        ),
        ("key = true", "key = true\ncompensated_by = ['AC-77']", "AC-05: compensated_by: there is no control 'AC-77'"),
        ("key = true", "key = true\ncompensates_for = ['AC-05']", "AC-05: compensates_for: names the control itself"),
        (
            "key = true",
            "key = true\ncompensates_for = ['AC-04']",
            "AC-05: compensates_for: its risk is '', and that of AC-04 is 'account takeover'; name a control that",
        ),
        (
            "key = true",
            "key = true\nrisk = 'fire'\ncompensates_for = ['AC-04']",
            "AC-05: compensates_for: its risk is 'fire', and that of AC-04 is 'account takeover'",
        ),
        (
            OWN,
            '[[control]]\nid = "XX-1"\nnot_applicable = "We have none."',
            "XX-1: not_applicable: there is no default",
        ),
        (OWN, '[[control]]\nid = "AC-05"\nnot_applicable = "none"', "AC-05: not_applicable: is no sentence"),
        (OWN, MANUAL + "due_days = -1\n", "ACME-1: due_days: is -1; write 0 or more"),
        (OWN, MANUAL + "due_days = 1\nfiscal_month = 13\n", "ACME-1: fiscal_month: is 13; write 1 to 12"),
        (OWN, MANUAL + "grace_days = 3\n", "ACME-1: due_days: is missing beside grace_days or fiscal_month"),
        (OWN, MANUAL + "due_days = 1\ndue_business_days = 1\n", "ACME-1: due_business_days: stands beside due_days"),
        (OWN, MANUAL.replace('procedure = "Keep the visitor book."', ""), "ACME-1: procedure: is missing"),
        (OWN, MANUAL.replace("due =", "#"), "ACME-1: due: is missing or of the wrong type"),
        (
            OWN,
            MANUAL.replace('[{ id = "CC6.4", strength = "partial", why = "visitors are known" }]', "[]"),
            "is empty",
        ),
    ],
)
def test_a_bad_company_file_is_refused_in_one_line(tmp_path: Path, old: str, new: str, error: str) -> None:
    """The error names file, control, key and what to do."""
    assert old in OWN

    with pytest.raises(ValueError, match=re.escape(error)) as caught:
        library(tmp_path, OWN.replace(old, new))

    assert str(caught.value).startswith(f"{tmp_path / 'own0.toml'}: ")
    assert "\n" not in str(caught.value)


def test_an_automated_control_without_checks_has_to_say_why(tmp_path: Path) -> None:
    """Silence about a missing check is refused."""
    bare = "\n".join(line for line in OWN.splitlines() if line.split(" ")[0] not in {"checks", "params", "covers"})

    with pytest.raises(ValueError, match="AC-05: not_yet: is missing"):
        library(tmp_path, bare.replace("not_covered = ", "# "))


def test_two_company_files_cannot_fight_over_a_control(tmp_path: Path) -> None:
    """Which of them counted would be chance."""
    with pytest.raises(ValueError, match=r"own1\.toml: AC-05: id: is in .*own0\.toml as well; keep one"):
        library(tmp_path, OWN, OWN)


def test_two_controls_cannot_promise_different_numbers_of_one_check(tmp_path: Path) -> None:
    """A check runs once for both."""
    other = OWN.replace('"AC-05"', '"ACME-2"')

    with pytest.raises(ValueError, match=r"ACME-2: params\.identity\.access_key_age\.max_age_days: is 30, and AC-05"):
        library(tmp_path, other)
    assert library(tmp_path, other, OWN).controls["ACME-2"].params == {"identity.access_key_age": {"max_age_days": 30}}


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The operator can mend it, so it is one line."""
    with pytest.raises(ValueError, match=r"absent\.toml: the file: path: cannot be read: "):
        load([tmp_path / "absent.toml"], all_checks())


def test_the_default_library_names_itself_in_errors() -> None:
    """A check that is no longer there is found where it is used."""
    with pytest.raises(ValueError, match=rf"{re.escape(FILE)}: AC-01: checks: there is no check 'identity\.admin_mfa'"):
        load([], {})
