"""Exact bytes: one encoding per value, and a refusal for every value that has none."""

from __future__ import annotations

import json
from collections import OrderedDict, defaultdict
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import canon
from storage.errors import NotEncodable
from storage.rows import Outcome

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
ENTRY_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(PLAIN)
def test_evidence_round_trips(value: object) -> None:
    """Any JSON value is encoded without loss, and encoding it again gives the same bytes."""
    encoded = canon.dumps(value)
    assert json.loads(encoded) == value
    assert canon.dumps(json.loads(encoded)) == encoded


@given(st.dictionaries(st.text(), st.integers(0, 9), min_size=2))
def test_key_order_does_not_matter(value: dict[str, int]) -> None:
    """The order in which keys were added does not show in the bytes."""
    assert canon.dumps(dict(reversed(value.items()))) == canon.dumps(value)


@pytest.mark.parametrize(
    "value",
    [
        float("nan"), float("inf"), {"a": [float("-inf")]}, [None, {"deep": (1, float("nan"))}], {1: 2}, {None: 1},
        2**64, -(2**63) - 1, datetime(2026, 1, 1),  # noqa: DTZ001 - the very fault
        date(2026, 1, 1), {1, 2}, object(), 1j, "\ud800", {"\udfff": 1},
    ],
)  # fmt: skip
def test_values_without_an_exact_encoding_are_refused(value: object) -> None:
    """Nothing is quietly turned into null or text."""
    with pytest.raises(ValueError, match=r"."):
        canon.dumps(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2))), '"2026-03-01T10:00:00.000000Z"'),
        (datetime(2026, 3, 1, 0, 0, 0, 5, tzinfo=UTC), '"2026-03-01T00:00:00.000005Z"'),
        (datetime(33, 1, 1, tzinfo=UTC), '"0033-01-01T00:00:00.000000Z"'),
        (b"\x00\xff", '"AP8="'),
        (bytearray(b"a"), '"YQ=="'),
        (Outcome.PASS, '"PASS"'),
        ({"b": 1, "a": None}, '{"a":null,"b":1}'),
        (OrderedDict(b=1, a=2), '{"a":2,"b":1}'),
        (defaultdict(list, a=[1]), '{"a":[1]}'),
        ((1, 2), "[1,2]"),
        ({"é": "\u20ac"}, '{"é":"€"}'),
    ],
)
def test_encodings(value: object, expected: str) -> None:
    """Times are UTC with six decimals, bytes are base64, subclasses keep their plain value."""
    assert canon.dumps(value) == expected.encode()


def test_text_subclasses_keep_their_value() -> None:
    """A string subclass, such as an SDK's enum, is written as the text it holds."""

    class Kind(StrEnum):
        A = "a"

    class Text(str):
        __slots__ = ()

        def __str__(self) -> str:
            return "another"

    assert canon.dumps([Kind.A, Text("plain")]) == b'["a","plain"]'


@given(st.dictionaries(st.text(), ENTRY_VALUES, max_size=5))
def test_entries_round_trip(value: dict[str, object]) -> None:
    """A canonical entry parses to the same value."""
    assert canon.parse_canonical(canon.canonical(value)) == value


@given(
    st.dictionaries(st.text(), ENTRY_VALUES, min_size=1, max_size=5),
    st.integers(0, 10_000),
    st.binary(max_size=2),
)
def test_any_other_bytes_for_an_entry_are_refused(value: dict[str, object], at: int, put: bytes) -> None:
    """Changed bytes either say something else canonically or are refused: no two encodings of one entry."""
    data = canon.canonical(value)
    at %= len(data)
    changed = data[:at] + put + data[at + 1 :]
    try:
        parsed = canon.parse_canonical(changed)
    except NotEncodable:
        return
    assert changed == data or parsed != value


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}', b'{"a": 1}', b'{"b":1,"a":2}', b'{"a":1.0}', b'{"a":NaN}', b"[1]", b"1", b"", b"{", b"\xff",
        b'{"a":"\\u0061"}', b'{"a":1}\n', b'{"a":1e2}', b'{"a":-0}', b"[" * 100_000, b'{"a":9007199254740993}',
    ],
)  # fmt: skip
def test_entries_that_are_not_canonical_are_refused(data: bytes) -> None:
    """Repeated keys, white space, other number forms and anything that is no object are refused."""
    with pytest.raises(NotEncodable):
        canon.parse_canonical(data)


@pytest.mark.parametrize("value", [{"a": float("nan")}, {"a": 2**53}, {1: 1}, {"a": b""}, {"a": "\ud800"}])
def test_entries_refuse_what_rfc_8785_cannot_express(value: object) -> None:
    """An entry holds no large integer, no bytes and no broken text."""
    with pytest.raises(NotEncodable):
        canon.canonical(value)
