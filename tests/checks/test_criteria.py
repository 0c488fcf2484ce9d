"""The criteria file and its loader."""

import re
from collections import Counter
from importlib.resources import files

import pytest

from checks.criteria import FILE, Automatable, Category, all_criteria, in_scope, parse

GOOD = """
[groups]
CC6 = { category = "security", title = "Logical and physical access" }

[[criterion]]
id = "CC6.1"
automatable = "full"
title = "Systems have locks"
text = "There are locks."
"""


def test_there_are_61_criteria_in_the_five_categories() -> None:
    """The framework has 33 common criteria, then 3, 5, 2 and 18."""
    assert Counter(criterion.category for criterion in all_criteria().values()) == {
        Category.SECURITY: 33,
        Category.AVAILABILITY: 3,
        Category.PROCESSING_INTEGRITY: 5,
        Category.CONFIDENTIALITY: 2,
        Category.PRIVACY: 18,
    }


def test_every_series_counts_up_without_a_hole() -> None:
    """Each series starts at 1, misses no number, and has as many criteria as the framework gives it."""
    series = Counter(name.partition(".")[0] for name in all_criteria())

    assert series == {
        "CC1": 5, "CC2": 3, "CC3": 4, "CC4": 2, "CC5": 3, "CC6": 8, "CC7": 5, "CC8": 1, "CC9": 2,
        "A1": 3, "PI1": 5, "C1": 2,
        "P1": 1, "P2": 1, "P3": 2, "P4": 3, "P5": 2, "P6": 7, "P7": 1, "P8": 1,
    }  # fmt: skip
    assert list(all_criteria()) == [f"{name}.{number}" for name in series for number in range(1, series[name] + 1)]


def test_every_criterion_says_something_of_its_own() -> None:
    """Titles and texts are distinct, and each text is a sentence."""
    criteria = all_criteria().values()

    assert len({criterion.title for criterion in criteria}) == 61
    assert len({criterion.text for criterion in criteria}) == 61
    assert all(re.fullmatch(r"[A-Z].{20,}\.", criterion.text) for criterion in criteria)


def test_a_group_names_its_series() -> None:
    """The group of a criterion is its series and the subject of that."""
    assert all_criteria()["PI1.5"].group == "PI1 Processing integrity"
    assert all(criterion.group.startswith(f"{name.partition('.')[0]} ") for name, criterion in all_criteria().items())


def test_what_only_people_can_show_is_manual() -> None:
    """No setting of a cloud shows ethics, a look at fraud or consent; sign-in and monitoring are settings."""
    criteria = all_criteria()

    assert {criteria[name].automatable for name in ("CC1.1", "CC3.3", "P2.1")} == {Automatable.MANUAL}
    assert {name for name, criterion in criteria.items() if criterion.automatable is Automatable.FULL} == {
        *("CC6.1", "CC6.6", "CC7.1", "CC7.2", "A1.1"),
    }


def test_security_is_in_scope_even_when_it_is_not_named() -> None:
    """An availability engagement has the 33 common criteria and its own 3, in canonical order."""
    assert len(in_scope([])) == 33
    assert in_scope(["availability"]) == (*in_scope(["security"]), "A1.1", "A1.2", "A1.3")
    assert in_scope(["privacy", "confidentiality"])[33:36] == ("C1.1", "C1.2", "P1.1")
    assert in_scope(Category) == tuple(all_criteria())


def test_an_unknown_category_is_refused() -> None:
    """The error names the word and the five that exist."""
    with pytest.raises(ValueError, match=r"protection does not exist; use availability, confidentiality, privacy,"):
        in_scope(["protection"])


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("[groups]", "[groups", "c.toml: the file: syntax: "),
        ('"CC6.1"', '"CC10.1"', "c.toml: CC10.1: id: is not the id of a criterion"),
        ('id = "CC6.1"', "", "c.toml: a criterion without an id: id: "),
        ('title = "Systems have locks"', "", "c.toml: CC6.1: title: is missing or empty; write a text"),
        ('"There are locks."', '" "', "c.toml: CC6.1: text: is missing or empty"),
        ('"There are locks."', "7", "c.toml: CC6.1: text: is missing or empty"),
        ('"full"', '"mostly"', "c.toml: CC6.1: automatable: is 'mostly'; use full, partial, manual"),
        ('title = "Systems', 'titel = "x"\ntitle = "Systems', "c.toml: CC6.1: titel: is not a key"),
        ('"security"', '"safety"', "c.toml: CC6.1: groups.CC6: has no title or no known category"),
        ("CC6 =", "CC7 =", "c.toml: CC6.1: groups.CC6: has no title or no known category"),
        (GOOD, "", "c.toml: the file: criterion: there is none"),
        (GOOD, GOOD + GOOD[GOOD.index("[[") :], "c.toml: CC6.1: id: is given twice"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(old: str, new: str, error: str) -> None:
    """The error names file, criterion, key and what to do."""
    assert list(parse(GOOD, "c.toml")) == ["CC6.1"]
    assert old in GOOD

    with pytest.raises(ValueError, match=re.escape(error)) as caught:
        parse(GOOD.replace(old, new), "c.toml")

    assert "\n" not in str(caught.value)


def test_the_file_is_part_of_the_package() -> None:
    """What the loader reads is what is installed."""
    assert parse(files("checks").joinpath(FILE).read_text("utf-8"), FILE) == all_criteria()
