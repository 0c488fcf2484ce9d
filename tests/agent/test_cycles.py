"""Work without the search for cycles."""

from __future__ import annotations

import gc

import pytest

from agent import cycles


def test_the_search_is_off_within() -> None:
    """It is off while the work is done and on afterwards, also after a failure."""
    seen = []

    @cycles.unsearched()
    def work() -> None:
        seen.append(gc.isenabled())
        raise KeyError

    with pytest.raises(KeyError):
        work()
    assert [*seen, gc.isenabled()] == [False, True]


def test_a_search_that_was_off_stays_off() -> None:
    """Whoever had switched it off finds it off."""
    gc.disable()
    try:
        with cycles.unsearched():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
