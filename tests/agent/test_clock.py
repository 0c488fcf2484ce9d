"""Instants as people and programs write them."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import clock

MARCH = 1_773_478_800_000_000


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2026-03-14T09:00:00Z", MARCH),
        ("2026-03-14T09:00:00", MARCH),
        ("2026-03-14T10:00:00+01:00", MARCH),
        ("2026-03-14", MARCH - 9 * 3600 * 1_000_000),
        ("2026-03-14T09:00:00.000001Z", MARCH + 1),
    ],
)
def test_instants_are_read(text: str, micros: int) -> None:
    """With a zone, without one (UTC), as a date, with a fraction."""
    assert clock.parse(text) == micros


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "14.03.2026"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    """ValueError, for the command line to say so."""
    with pytest.raises(ValueError, match=r"."):
        clock.parse(text)


@given(st.integers(0, 4_000_000_000_000_000))
def test_instants_survive_being_written(micros: int) -> None:
    """Every microsecond comes back."""
    assert clock.parse(clock.iso(micros)) == micros
    assert clock.from_datetime(clock.to_datetime(micros)) == micros


def test_fraction_only_where_there_is_one() -> None:
    """Whole seconds are written without."""
    assert clock.iso(MARCH) == "2026-03-14T09:00:00Z"
    assert clock.iso(MARCH + 500_000) == "2026-03-14T09:00:00.500000Z"


def test_now_is_now_in_utc() -> None:
    """Between two readings of the system's clock, and with its zone."""
    before = time.time()
    now = clock.now()
    assert before * 1_000_000 - 1 <= now <= time.time() * 1_000_000 + 1
    assert clock.to_datetime(now).tzinfo is UTC
    assert clock.to_datetime(0) == datetime(1970, 1, 1, tzinfo=UTC)


def test_an_instant_that_did_not_come_has_no_words() -> None:
    """Nothing stays nothing, and the first instant of all is not taken for it."""
    assert clock.iso_or_none(None) is None
    assert clock.iso_or_none(0) == "1970-01-01T00:00:00Z"
