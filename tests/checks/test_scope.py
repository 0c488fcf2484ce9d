"""What an engagement is about, and why the rest is not."""

from __future__ import annotations

import re

import pytest

from checks.controls import load
from checks.criteria import all_criteria, in_scope
from checks.lint import lint
from checks.registry import all_checks
from checks.scope import EVERY_CATEGORY, Scope, choose, parse, profiles

PROFILE = """
[shop]
title = "Sells things"
categories = ["availability", "confidentiality", "processing_integrity"]
left_out = { privacy = "no personal data" }
off = {}
"""
NAMES = ("saas", "cloud", "bpo", "fintech", "startup")


def test_without_a_choice_everything_is_in_scope() -> None:
    """Nothing is dropped unless somebody says so."""
    assert choose() == Scope()
    assert choose().criteria() == tuple(all_criteria())
    assert choose().out() == {}
    assert choose().words().endswith("; all criteria are in scope")


def test_security_is_always_in() -> None:
    """It is there when it is not named, when it is, and when nothing is."""
    assert choose([]).categories == choose(["security"]).categories == ("security",)
    assert choose(["privacy", "availability"]).categories == ("security", "availability", "privacy")
    assert len(choose([]).criteria()) == 33


def test_what_is_out_is_listed_with_its_reason() -> None:
    """Each of the 61 criteria is in scope, or out for a reason."""
    scope = choose(
        ["availability", "privacy"],
        reasons={"confidentiality": "no secrets"},
        not_relevant={"P3.2": "nothing sensitive"},
    )
    out = scope.out()

    assert set(out) | set(scope.criteria()) == set(all_criteria())
    assert not set(out) & set(scope.criteria())
    assert (out["C1.1"], out["P3.2"]) == ("confidentiality: no secrets", "nothing sensitive")
    assert out["PI1.1"] == "processing_integrity: the company did not choose this category"
    assert scope.words() == "scope: security, availability, privacy; 8 of 61 criteria are out of scope"


def test_the_profiles_are_the_five() -> None:
    """In the order in which they are offered."""
    assert tuple(profiles()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_chooses_categories_and_says_why_not_the_others(name: str) -> None:
    """Its categories are the scope, and each criterion that is out has the profile's reason."""
    profile, scope = profiles()[name], choose(None, name)

    assert scope.criteria() == in_scope(profile.categories)
    assert set(scope.left_out) == set(EVERY_CATEGORY) - set(profile.categories)
    assert all(len(reason) > 10 for reason in scope.left_out.values())
    assert f"(profile {name})" in scope.words()


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_leaves_a_library_without_issues(name: str) -> None:
    """What it switches off exists, and no criterion in scope loses its last key control."""
    library = load([], all_checks(), choose(None, name))

    assert {id_ for id_, control in library.controls.items() if control.not_applicable} == set(profiles()[name].off)
    assert [issue.line() for issue in lint(library, all_checks())] == []


def test_named_categories_win_over_the_profile() -> None:
    """The profile still says why the rest is out, where it knows."""
    scope = choose(["privacy"], "saas")

    assert scope.categories == ("security", "privacy")
    assert scope.left_out["processing_integrity"] == profiles()["saas"].left_out["processing_integrity"]
    assert scope.left_out["availability"] == "the company did not choose this category"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"profile": "bank"}, "profile: there is no profile 'bank'; use saas, cloud, bpo, fintech, startup"),
        ({"categories": ["protection"]}, "categories: protection does not exist; use"),
        ({"categories": ["privacy"], "reasons": {"privacy": "x"}}, "reasons: 'privacy' is not left out"),
        ({"reasons": {"secrecy": "x"}}, "reasons: 'secrecy' is not left out"),
        ({"categories": [], "not_relevant": {"A1.1": "x"}}, "not_relevant: 'A1.1' is no criterion in scope"),
        ({"not_relevant": {"P3.2": " "}}, "not_relevant: P3.2 has no reason"),
    ],
)
def test_a_wrong_choice_is_refused_in_one_line(given: dict[str, object], error: str) -> None:
    """The line names the key and what to do."""
    with pytest.raises(ValueError, match=re.escape(error)):
        choose(**given)  # type: ignore[arg-type]  # as the settings hand them over


def test_a_profile_is_read_whole() -> None:
    """Security joins its categories, in canonical order."""
    (shop,) = parse(PROFILE, "x.toml").values()

    assert (shop.id, shop.title) == ("shop", "Sells things")
    assert shop.categories == ("security", "availability", "processing_integrity", "confidentiality")


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("[shop]", "[shop", "x.toml: the file: syntax: "),
        ("off = {}", "", "x.toml: shop: profile: does not have exactly its keys"),
        ('"availability"', '"protection"', "x.toml: shop: categories: categories: protection does not exist"),
        ("privacy =", "security =", "x.toml: shop: left_out: does not name exactly the other categories"),
    ],
)
def test_a_bad_profile_is_refused_in_one_line(old: str, new: str, error: str) -> None:
    """The line names file, profile, key and fix."""
    with pytest.raises(ValueError, match=re.escape(error)):
        parse(PROFILE.replace(old, new), "x.toml")
