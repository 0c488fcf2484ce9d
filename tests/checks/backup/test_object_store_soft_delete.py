"""backup.object_store_soft_delete"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.backup.object_store_soft_delete import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.data_access import StoreSafeguards


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, Outcome.PASS),
        (6, Outcome.FAIL),
        (0, Outcome.FAIL),
        (None, Outcome.NOT_APPLICABLE),
    ],
)
def test_the_setting_decides(value: object, expected: Outcome) -> None:
    """Each answer has its outcome."""
    assert outcome(CHECK, fact(StoreSafeguards, deleted_stores_kept_days=value)) is expected


def test_the_shortest_time_can_be_changed() -> None:
    """A longer promise fails what the default passes."""
    assert outcome(CHECK, fact(StoreSafeguards, deleted_stores_kept_days=7), minimum_days=7 + 1) is Outcome.FAIL


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(StoreSafeguards))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
