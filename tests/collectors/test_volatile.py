"""Volatile fields leave the document and come back whole."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.volatile import join, split

keys = st.sampled_from(["a", "b", "c"])
bodies = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.dictionaries(keys, inner, max_size=3) | st.lists(inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(keys, bodies, max_size=3)
paths = st.lists(st.lists(keys, min_size=1, max_size=3).map(".".join), max_size=3, unique=True).map(tuple)


lenient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@lenient
@given(documents, paths)
def test_join_undoes_split(body: dict[str, Any], declared: tuple[str, ...]) -> None:
    """Nothing is lost, whatever is declared, though what is kept was JSON with sorted keys in between."""
    stable, taken = split(body, declared)

    assert join(stable, json.loads(json.dumps(taken, sort_keys=True))) == body


@lenient
@given(documents, paths)
def test_nothing_declared_stays(body: dict[str, Any], declared: tuple[str, ...]) -> None:
    """A second split finds nothing left to take."""
    stable, _ = split(body, declared)

    assert split(stable, declared) == (stable, {})


@lenient
@given(documents, paths)
def test_neither_way_changes_what_it_was_given(body: dict[str, Any], declared: tuple[str, ...]) -> None:
    """What was answered, and both of its parts, are left alone."""
    before = deepcopy(body)
    stable, taken = split(body, declared)
    parts = deepcopy((stable, taken))

    join(stable, taken)

    assert body == before
    assert (stable, taken) == parts


def test_a_declared_field_is_taken_out() -> None:
    """Only the declared leaf goes."""
    stable, taken = split({"Name": "u", "Use": {"Last": 1, "Region": "x"}}, ("Use.Last",))

    assert stable == {"Name": "u", "Use": {"Region": "x"}}
    assert taken == {"Use.Last": 1}


def test_a_path_through_a_list_goes_into_each_item() -> None:
    """Counters of indexes lie in a list, and no index keeps its own."""
    body = {"Table": {"Indexes": [{"Name": "a", "Count": 1}, {"Name": "b"}, {"Name": "c", "Count": None}]}}
    stable, taken = split(body, ("Table.Indexes.Count",))

    assert stable == {"Table": {"Indexes": [{"Name": "a"}, {"Name": "b"}, {"Name": "c"}]}}
    assert list(taken) == ["Table.Indexes.Count[]"]
    assert join(stable, taken) == body


def test_lists_in_lists_are_gone_through() -> None:
    """Items that are no objects stay where they are."""
    body = {"Rows": [[{"Count": 1}, {"Name": "b"}], [], 7, [[{"Count": 2}]]]}
    stable, taken = split(body, ("Rows.Count",))

    assert stable == {"Rows": [[{}, {"Name": "b"}], [], 7, [[{}]]]}
    assert join(stable, taken) == body


def test_a_list_at_the_end_of_a_path_is_a_value() -> None:
    """Only a list on the way needs the longer form."""
    assert split({"Use": {"Days": [1, 2]}}, ("Use.Days",)) == ({"Use": {}}, {"Use.Days": [1, 2]})


def test_the_order_of_nested_paths_does_not_matter() -> None:
    """What one path took from inside another's value goes back into it."""
    body = {"Use": {"Last": 1, "Region": "x"}}
    for order in (("Use.Last", "Use"), ("Use", "Use.Last")):
        assert join(*split(body, order)) == body


def test_a_star_takes_the_whole_body() -> None:
    """A document that is volatile through and through has an empty stable part."""
    assert split({"Last": 1}, ("*",)) == ({}, {"*": {"Last": 1}})
