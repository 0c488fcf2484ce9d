"""backup.stream_retention"""

import pytest

from checks.api import Outcome
from checks.backup.stream_retention import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import Stream


@pytest.mark.parametrize(("hours", "expected"), [(167, Outcome.FAIL), (168, Outcome.PASS), (8760, Outcome.PASS)])
def test_a_week_is_enough(hours: int, expected: Outcome) -> None:
    """Less fails, and no more is asked for."""
    assert outcome(CHECK, fact(Stream, kept_hours=hours)) is expected


def test_the_company_sets_its_own_time() -> None:
    """A day is enough where that is promised."""
    assert outcome(CHECK, fact(Stream, kept_hours=24), minimum_hours=24) is Outcome.PASS


def test_an_unread_stream_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Stream))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)


def test_without_streams_there_is_nothing_to_judge() -> None:
    """The judge finds it not applicable."""
    assert judged(CHECK) == []
