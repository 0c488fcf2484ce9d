"""exposure.app_debugging"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.exposure.app_debugging import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.apps import AppMaintenance


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (False, Outcome.PASS),
        (True, Outcome.FAIL),
        (DENIED, Outcome.UNKNOWN),
    ],
)
def test_it_is_off(value: object, expected: Outcome) -> None:
    """A debugger is for machines of developers."""
    assert outcome(CHECK, fact(AppMaintenance, remote_debugging=value)) is expected


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(AppMaintenance))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
