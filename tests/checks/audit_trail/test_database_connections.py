"""audit_trail.database_connections"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.audit_trail.database_connections import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.data_access import DatabaseAudit


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, Outcome.PASS),
        (False, Outcome.FAIL),
    ],
)
def test_the_setting_decides(value: object, expected: Outcome) -> None:
    """Each answer has its outcome."""
    assert outcome(CHECK, fact(DatabaseAudit, engine="x", longest_days=None, connections=value)) is expected


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(DatabaseAudit, engine="x", longest_days=None))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
