"""audit_trail.database_log_kept"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.audit_trail.database_log_kept import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.data_access import DatabaseAudit


def audit(**values: Any) -> DatabaseAudit:
    """A server that keeps its record for 90 days, unless said otherwise."""
    given = {"engine": "x", "longest_days": None, "keeps": True, "kept_days": 90, "sent_to": ()}
    return fact(DatabaseAudit, **(given | values))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, Outcome.PASS),
        ({"kept_days": 89}, Outcome.FAIL),
        ({"kept_days": None}, Outcome.PASS),
        ({"longest_days": 7, "kept_days": 4}, Outcome.PASS),
        ({"longest_days": 7, "kept_days": 3}, Outcome.FAIL),
        ({"longest_days": 90, "kept_days": 89}, Outcome.FAIL),
        ({"keeps": False}, Outcome.FAIL),
        ({"keeps": False, "sent_to": ("workspace",)}, Outcome.NOT_APPLICABLE),
        ({"keeps": False, "sent_to": DENIED}, Outcome.UNKNOWN),
        ({"keeps": DENIED}, Outcome.UNKNOWN),
        ({"kept_days": DENIED}, Outcome.UNKNOWN),
    ],
)
def test_the_record_is_kept_or_sent_to_who_keeps_it(values: dict[str, Any], expected: Outcome) -> None:
    """A service that can keep it for days only is measured by those."""
    assert outcome(CHECK, audit(**values)) is expected


def test_both_times_can_be_changed() -> None:
    """Longer promises fail what the defaults pass."""
    assert outcome(CHECK, audit(), minimum_days=365) is Outcome.FAIL
    assert outcome(CHECK, audit(longest_days=7, kept_days=4), short_minimum_days=7) is Outcome.FAIL


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(DatabaseAudit, engine="x", longest_days=None))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
