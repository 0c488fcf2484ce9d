"""audit_trail.database_server_events"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.audit_trail.database_server_events import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.data_access import DatabaseAudit


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (("checkpoints", "disconnections"), Outcome.PASS),
        (("checkpoints",), Outcome.FAIL),
        ((), Outcome.FAIL),
        (None, Outcome.NOT_APPLICABLE),
    ],
)
def test_the_setting_decides(value: object, expected: Outcome) -> None:
    """Each answer has its outcome."""
    assert outcome(CHECK, fact(DatabaseAudit, engine="x", longest_days=None, server_events=value)) is expected


def test_the_company_says_which_events() -> None:
    """Only those asked for count, and the missing one is named."""
    assert (
        outcome(CHECK, fact(DatabaseAudit, engine="x", longest_days=None, server_events=()), events=()) is Outcome.PASS
    )
    (finding,) = judged(CHECK, fact(DatabaseAudit, engine="x", longest_days=None, server_events=("checkpoints",)))
    assert finding.reason == "x server does not record disconnections"


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(DatabaseAudit, engine="x", longest_days=None))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
