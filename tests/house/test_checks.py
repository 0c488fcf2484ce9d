"""What every check has to bring along: a test, its place, criteria, facts, a witness and a page."""

from __future__ import annotations

import re
import tomllib

import pytest

from checks.api import Check
from checks.api import Outcome as Judged
from checks.criteria import all_criteria
from checks.registry import all_checks, source_of
from storage.rows import Outcome as Kept
from tests.house.tree import ROOT, relative

CHECKS = all_checks()
every_check = pytest.mark.parametrize("check", CHECKS.values(), ids=list(CHECKS))


def witness() -> dict[str, list[str]]:
    """The second opinion on the criteria that each check carries, by check id."""
    subjects = tomllib.loads((ROOT / "tests/house/witness.toml").read_text(encoding="utf-8"))
    return {f"{subject}.{name}": ids for subject, names in subjects.items() for name, ids in names.items()}


@every_check
def test_the_id_is_the_path(check: Check) -> None:
    """Whoever reads an id in a report finds the code."""
    assert relative(source_of(check)) == f"checks/{check.id.replace('.', '/')}.py"


def test_every_module_of_a_subject_is_a_check() -> None:
    """Two modules with one id would hide each other."""
    modules = {path for path in (ROOT / "checks").glob("*/*.py") if path.stem != "__init__"}

    assert modules == {source_of(check) for check in CHECKS.values()}


@every_check
def test_there_is_a_test_of_the_check(check: Check) -> None:
    """Each check has its own test module, which imports this very check and says PASS, FAIL and UNKNOWN."""
    subject, name = check.id.split(".")
    path = ROOT / "tests" / "checks" / subject / f"test_{name}.py"

    assert path.is_file(), f"write {relative(path)}"
    source = path.read_text(encoding="utf-8")
    assert f"from checks.{subject}.{name} import CHECK" in source
    for word in ("PASS", "FAIL", "UNKNOWN"):
        assert re.search(rf"\b{word}\b", source), f"{relative(path)} never expects {word}"


def test_every_test_of_a_check_has_its_check() -> None:
    """A test whose check was renamed would test nothing."""
    tested = {
        f"{path.parent.name}.{path.stem.removeprefix('test_')}" for path in (ROOT / "tests/checks").glob("*/test_*.py")
    }

    assert tested - set(CHECKS) == set()


@every_check
def test_criteria_exist(check: Check) -> None:
    """A check serves known criteria, each once, and says why."""
    ids = [criterion.id for criterion in check.criteria]

    assert ids
    assert set(ids) <= set(all_criteria())
    assert len(ids) == len(set(ids))
    assert all(criterion.why.strip() for criterion in check.criteria)


@every_check
def test_the_witness_agrees(check: Check) -> None:
    """What a check is evidence for was read twice, each time without the other; when they differ, one is wrong."""
    carried = {criterion.id for criterion in check.criteria if criterion.strength != "supporting"}

    assert set(witness().get(check.id, [])) == carried


def test_the_witness_names_no_ghost() -> None:
    """A line for a check that is gone would look like coverage."""
    assert set(witness()) - set(CHECKS) == set()


@every_check
def test_configuration_alone_carries_no_governance(check: Check) -> None:
    """CC1 to CC5 are about people and governance: a setting can support them at most."""
    carried = [c for c in check.criteria if re.match(r"CC[1-5]\.", c.id) and c.strength != "supporting"]

    assert carried == []


@every_check
def test_words_are_in_shape(check: Check) -> None:
    """Titles state a promise in one line, remedies are sentences, parameters explain themselves."""
    assert check.title[0].isupper()
    assert not check.title.endswith(".")
    assert len(check.title) <= 80
    assert check.remediation.endswith(".")
    assert all(param.name.isidentifier() and param.says.strip() and param.unit.strip() for param in check.params)
    assert all(ids for ids in check.equivalents.values())
    assert set(check.equivalents) <= {
        "prowler",
        "aws_config",
        "security_hub",
        "azure_policy",
        "gcp_scc",
        "cis",
    }


def test_titles_are_unique() -> None:
    """Two checks with one title could not be told apart in a report."""
    titles = [check.title for check in CHECKS.values()]

    assert sorted(titles) == sorted(set(titles))


@every_check
def test_some_collector_emits_what_it_needs(check: Check) -> None:
    """A fact that nobody reads would leave the check without work for ever."""
    from agent.wiring import all_collectors  # noqa: PLC0415  # the other tests stand without the agent

    emitted = {type_ for collector in all_collectors().values() for type_ in collector.emits}

    assert set(check.needs) <= emitted


def test_the_store_keeps_the_outcomes_that_checks_have() -> None:
    """The store knows no check, so the word list stands in both; it has to be the same one."""
    assert {item.name: item.value for item in Kept} == {item.name: item.value for item in Judged}


def test_the_list_of_checks_is_fresh() -> None:
    """checks/README.md is generated from the checks, and this is its newest form."""
    from agent.catalog import readme  # noqa: PLC0415  # the other tests stand without the agent

    assert (ROOT / "checks/README.md").read_text(encoding="utf-8") == readme(), (
        "run: proofkeep catalog --write-readme checks/README.md"
    )
