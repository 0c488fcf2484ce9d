"""audit_trail.database_values"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.audit_trail.database_values import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.data_access import StatementLog


@pytest.mark.parametrize(("slow", "expected"), [(-1, Outcome.PASS), (0, Outcome.FAIL), (200, Outcome.FAIL)])
def test_only_never_is_enough(slow: int, expected: Outcome) -> None:
    """Zero stands for every statement."""
    assert outcome(CHECK, fact(StatementLog, slow_milliseconds=slow)) is expected


def test_an_unread_server_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(StatementLog))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
