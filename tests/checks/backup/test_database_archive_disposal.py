"""backup.database_archive_disposal"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.backup.database_archive_disposal import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.data_access import DatabaseArchive


@pytest.mark.parametrize(
    ("days", "expected"),
    [(3653, Outcome.PASS), (3654, Outcome.FAIL), (0, Outcome.NOT_APPLICABLE), (DENIED, Outcome.UNKNOWN)],
)
def test_copies_end_in_time(days: object, expected: Outcome) -> None:
    """Ten years at most, unless the company says otherwise."""
    assert outcome(CHECK, fact(DatabaseArchive, longest_days=days)) is expected


def test_the_longest_time_can_be_changed() -> None:
    """A shorter promise fails what the default passes."""
    assert outcome(CHECK, fact(DatabaseArchive, longest_days=3653), maximum_days=365) is Outcome.FAIL


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(DatabaseArchive))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
