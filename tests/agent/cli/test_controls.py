"""`controls`: the scope in its head, what does not apply, and `controls lint`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from agent.cli.controls import OUT, matrix_json, show_matrix
from agent.standing import Standing, standing
from agent.wiring import Wiring
from checks.controls import load
from checks.criteria import all_criteria
from checks.registry import all_checks
from checks.scope import choose
from tests.agent.conftest import Said, say

BROKEN = """
[[control]]
id = "NW-03"
title = "Databases have no public address"
text = "We give no database a public address, and repair within 3 days."
criteria = [{ id = "CC6.6", strength = "direct", why = "outsiders cannot even knock" }]
frequency = "daily"
owner = "Platform Lead"
kind = "automated"
key = false
severity = "critical"
sla_days = 1
policy = "strict"
checks = ["exposure.data_service_open", "exposure.database_public"]
covers = "all"
"""


def wiring(*, profile: str) -> Wiring:
    """The default library in the scope of a profile."""
    checks = all_checks()
    return Wiring(checks, {}, load([], checks, choose(None, profile)))


def nothing_found(given: Wiring) -> Standing:
    """Where controls stand before anything was read."""
    return standing([], given)


def lint(folder: Path, text: str, *words: str) -> Said:
    """What `controls lint` says of one company file."""
    (folder / "own.toml").write_text(text)
    (folder / "proofkeep.toml").write_text('controls = ["own.toml"]\n')
    return say("controls", "lint", "--config", str(folder / "proofkeep.toml"), *words)


def test_the_default_library_lints_clean(tmp_path: Path) -> None:
    """It needs no database, and says how much it looked at."""
    said = lint(tmp_path, "")

    assert (said.code, said.err, said.out) == (0, "", "90 controls: 0 errors, 0 warnings\n")


def test_a_text_against_its_policy_is_an_error(tmp_path: Path) -> None:
    """One line with file, control, key, what and fix; exit code 2."""
    said = lint(tmp_path, BROKEN)
    first, last = said.out.splitlines()

    assert said.code == 2
    assert first == (
        f"error: {tmp_path / 'own.toml'}: NW-03: text: "
        "says within 3 days, and the policy strict counts each failure at once; "
        'write policy = "remediate_within_sla", or a text without a time for repair'
    )
    assert last == "90 controls: 1 error, 0 warnings"


def test_a_warning_alone_is_no_error(tmp_path: Path) -> None:
    """A check that no control needs any more is worth a look, one line each, and the exit code stays 0."""
    said = lint(tmp_path, '[[control]]\nid = "NW-03"\ndisabled = true\nreason = "no databases"\n', "--json")
    first, second = said.json

    assert said.code == 0
    assert (first["level"], first["control"]) == ("warning", "exposure.data_service_open")
    assert (second["level"], second["control"]) == ("warning", "exposure.database_public")
    assert first.keys() == second.keys() == {"level", "file", "control", "key", "problem", "fix"}


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """The same shape, before anything else is looked at."""
    said = lint(tmp_path, BROKEN.replace("exposure.database_public", "exposure.database_publik"))

    assert said.code == 2
    assert "own.toml: NW-03: checks: there is no check" in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("words", [("--criterion", "CC6.1"), ("--as-of", "2026-01-01")])
def test_lint_takes_no_moment_and_no_criterion(words: tuple[str, ...]) -> None:
    """They would mean nothing: it looks at the whole library as it is now."""
    said = say("controls", "lint", *words)

    assert said.code == 2
    assert f"No such option '{words[0]}'" in said.err


def test_the_matrix_shows_the_scope_and_what_is_out(capsys: pytest.CaptureFixture[str]) -> None:
    """The head names categories and profile; each criterion that is out stays listed, with its reason."""
    given = wiring(profile="bpo")
    show_matrix(given, nothing_found(given))
    shown = capsys.readouterr().out
    rows = [row.split() for row in shown.splitlines()]

    assert shown.splitlines()[0] == (
        "scope: security, processing integrity, confidentiality, privacy (profile bpo); "
        "3 of 61 criteria are out of scope"
    )
    assert [row[0] for row in rows if row[1:2] == [OUT]] == ["A1.1", "A1.2", "A1.3"]
    assert "out of scope, availability: the work is agreed by result and date" in shown
    assert ": A1.1, A1.2, A1.3" in shown
    assert "does not apply, NW-02: We publish no web application." in shown
    assert f"3 {OUT}" in shown


def test_programs_see_the_scope_of_each_criterion() -> None:
    """All 61 are there, each with whether it is in scope and why not."""
    given = wiring(profile="startup")
    said: list[dict[str, Any]] = matrix_json(given, nothing_found(given), None)

    assert [each["criterion"] for each in said] == list(all_criteria())
    assert Counter(each["in_scope"] for each in said) == {True: 33, False: 28}
    assert all(bool(each["out_of_scope_because"]) != each["in_scope"] for each in said)
    idle = {one["id"]: one["not_applicable"] for each in said for one in each["controls"] if one["not_applicable"]}
    assert set(idle) == {"CF-02", "GV-13"}
