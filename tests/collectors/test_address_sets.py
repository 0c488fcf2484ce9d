"""Sets of addresses and ports."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.address_sets import EVERY, FOUR, PUBLIC, SIX, Spans, common, holds, merged, networks, without

NUMBERS = range(20)
spans = st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)).map(lambda pair: (min(pair), max(pair)))).map(merged)


def members(found: Spans) -> set[int]:
    """The numbers in a set, one by one."""
    return {number for first, last in found for number in range(first, last + 1)}


@given(spans, spans)
def test_sets_behave_like_sets(one: Spans, other: Spans) -> None:
    """Held against sets of single numbers."""
    assert members(common(one, other)) == members(one) & members(other)
    assert members(without(one, other)) == members(one) - members(other)
    assert members(merged([*one, *other])) == members(one) | members(other)
    for found in (common(one, other), without(one, other)):
        assert merged(found) == found
    assert all(holds(one, number, number) == (number in members(one)) for number in NUMBERS)


@pytest.mark.parametrize(
    ("version", "given_", "expected"),
    [
        (FOUR, EVERY[FOUR], ("0.0.0.0/0",)),
        (SIX, EVERY[SIX], ("::/0",)),
        (FOUR, PUBLIC[FOUR], ("0.0.0.0/0",)),
        (FOUR, (), ()),
        (FOUR, ((0x0A000000, 0x0AFFFFFF),), ()),
        (FOUR, ((0x0A000000, 0x0BFFFFFF),), ("11.0.0.0/8",)),
        (FOUR, ((0xCB007101, 0xCB007102),), ("203.0.113.1/32", "203.0.113.2/32")),
        (SIX, ((0xFD << 120, (0xFE << 120) - 1),), ()),
        (SIX, ((1, 1), (0x20010DB8 << 96, (0x20010DB8 << 96) + 1)), ("2001:db8::/127",)),
    ],
)
def test_only_public_addresses_are_named(version: int, given_: Spans, expected: tuple[str, ...]) -> None:
    """All of them have one name; private ones have none."""
    assert networks(version, given_) == expected
