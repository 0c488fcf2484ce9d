"""The data pack of a bridge letter says that it is unaudited."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.audit.bridge import MARK, BridgePack
from agent.audit.conclusions import Conclusion
from agent.audit.parameters import DAY, Parameters

PACK = BridgePack(
    begins=0,
    ends=92 * DAY,
    controls={"AC-01": Conclusion.EFFECTIVE},
    changes=("a second region was added",),
    incidents=(),
    gaps=(),
    parameters=Parameters(),
)


def test_every_rendering_is_marked() -> None:
    """Text and JSON."""
    assert PACK.lines()[0] == PACK.to_json()["mark"] == MARK
    assert MARK.startswith("UNAUDITED")


def test_none_known_and_not_supplied_differ() -> None:
    """An empty register is an answer, a missing one is not."""
    assert "incidents: none" in PACK.lines()
    missing = replace(PACK, incidents=None)
    assert "incidents: not supplied" in missing.lines()
    assert (PACK.to_json()["incidents"], missing.to_json()["incidents"]) == ([], None)


def test_what_it_holds() -> None:
    """States, changes and the time that it is about."""
    lines = PACK.lines()
    assert {"control AC-01: effective", "change: a second region was added", "gaps: none"} < set(lines)
    assert "from 1970-01-01T00:00:00Z until 1970-04-03T00:00:00Z" in lines


def test_a_pack_over_too_many_days_says_so() -> None:
    """92 days are accepted; a begun day is one."""
    assert PACK.days_beyond_limit == 0
    longer = replace(PACK, ends=92 * DAY + 1)
    assert longer.days_beyond_limit == longer.to_json()["days_beyond_limit"] == 1
    assert "1 days beyond the 92" in longer.lines()[2]


def test_a_pack_over_no_time_is_refused() -> None:
    """It would say nothing."""
    with pytest.raises(ValueError, match="ends before it begins"):
        replace(PACK, ends=0)
