"""The draw from a frozen population: repeatable by anybody, and fished by nobody."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agent.audit.selection import Draw, FrozenPopulation, draw, expand, freeze
from tests.agent.audit.vectors import each

names = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1, max_size=12)
populations = st.lists(names, unique=True, min_size=1, max_size=40)
seeds = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


def drawn(population: FrozenPopulation, size: int, seed: str = "seed") -> Draw:
    """A draw with the auditor's seed, given after the freeze."""
    return draw(population, seed=seed, given_by="A. Auditor", given_at=population.frozen_at, size=size)


@each("sample_selection")
def test_the_example(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """The hash and the picks of the worked example, in order."""
    population = freeze(given["population"], 0)
    assert population.hash == expected["population_hash"]
    assert list(drawn(population, given["n"], given["seed"]).selected) == expected["selected"]


@given(populations, seeds, st.integers(1, 50), st.randoms())
def test_the_order_of_arrival_plays_no_part(ids: list[str], seed: str, size: int, random: Any) -> None:
    """A shuffled population gives the same hash and the same picks."""
    shuffled = list(ids)
    random.shuffle(shuffled)
    assert drawn(freeze(ids, 0), size, seed) == drawn(freeze(shuffled, 0), size, seed)


@given(populations, seeds, st.integers(1, 40), st.data())
def test_expanding_keeps_the_earlier_picks(ids: list[str], seed: str, more: int, data: st.DataObject) -> None:
    """They stay, and come first."""
    population = freeze(ids, 0)
    size = data.draw(st.integers(1, len(ids)))
    first = drawn(population, size, seed)
    larger = expand(first, population, size + more)
    assert larger.selected[:size] == first.selected
    assert len(larger.selected) == min(size + more, len(ids))


@given(populations, names)
def test_any_change_of_the_population_changes_its_hash(ids: list[str], another: str) -> None:
    """One item more or less is another population."""
    assume(another not in ids)
    assert freeze([*ids, another], 0).hash != freeze(ids, 0).hash


@given(st.integers(0, 200))
def test_another_population_gives_another_draw(number: int) -> None:
    """One item more reorders all the ranks, so nobody can add items and keep the picks."""
    ids = [f"CHG-{each:04}" for each in range(40)]
    before = drawn(freeze(ids, 0), 40)
    after = drawn(freeze([*ids, f"NEW-{number}"], 0), 41)
    assert [name for name in after.selected if name in set(ids)] != list(before.selected)


@given(populations, seeds)
def test_picks_are_items_once_each(ids: list[str], seed: str) -> None:
    """A draw of all is the population."""
    assert sorted(drawn(freeze(ids, 0), len(ids), seed).selected) == sorted(ids)


def test_ids_are_sorted_by_their_bytes() -> None:
    """UTF-8 order, not that of a language: capital letters, then small ones, then the rest."""
    ids = ["ä", "b", "Z", "\U0001f600", "￿"]
    ordered = ["Z", "b", "ä", "￿", "\U0001f600"]
    assert list(freeze(ids, 0).ids) == ordered
    assert freeze(ids, 0).hash == hashlib.sha256("".join(f"{name}\n" for name in ordered).encode()).hexdigest()


@pytest.mark.parametrize(("ids", "says"), [(["a", "a"], "a occurs twice"), (["a\nb"], "line feed"), ([""], "empty")])
def test_ids_that_name_no_single_item_are_refused(ids: list[str], says: str) -> None:
    """Two populations must never have one hash."""
    with pytest.raises(ValueError, match=says):
        freeze(ids, 0)


def test_a_seed_from_before_the_freeze_is_refused() -> None:
    """Whoever knew the seed could have shaped the population."""
    population = freeze(["a", "b"], 100)
    with pytest.raises(ValueError, match="before the population was frozen"):
        draw(population, seed="s", given_by="A. Auditor", given_at=99, size=1)


@pytest.mark.parametrize(("seed", "by", "size"), [("", "A", 1), ("s", " ", 1), ("s", "A", 0)])
def test_a_draw_needs_a_seed_a_giver_and_a_size(seed: str, by: str, size: int) -> None:
    """Without any of them nobody could repeat or trust it."""
    with pytest.raises(ValueError, match=r"seed|size"):
        draw(freeze(["a"], 0), seed=seed, given_by=by, given_at=0, size=size)


def test_expanding_takes_the_same_population_and_more() -> None:
    """Neither another population nor a smaller sample passes as an expansion."""
    first = drawn(freeze(["a", "b", "c"], 0), 2)
    with pytest.raises(ValueError, match="differs"):
        expand(first, freeze(["a", "b", "d"], 0), 3)
    with pytest.raises(ValueError, match="larger"):
        expand(first, freeze(["a", "b", "c"], 0), 2)


def test_what_is_stored_repeats_the_draw() -> None:
    """Seed, giver, time, H, N and n."""
    population = freeze(["a", "b", "c"], 0)
    stored = json.loads(json.dumps(drawn(population, 2).to_json()))
    assert stored["population_hash"] == population.to_json()["hash"] == population.hash
    assert (stored["seed"], stored["seed_given_by"], stored["n"]) == ("seed", "A. Auditor", 2)
    assert (stored["seed_given_at"], stored["population_count"]) == ("1970-01-01T00:00:00Z", len(population))
