"""backup.restore_succeeded"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.backup.restore_succeeded import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.recovery import RestoreJob


@pytest.mark.parametrize(
    ("ended", "succeeded", "expected"),
    [
        (NOW, True, Outcome.PASS),
        (NOW, False, Outcome.FAIL),
        (NOW, DENIED, Outcome.UNKNOWN),
        (None, False, Outcome.NOT_APPLICABLE),
        (DENIED, False, Outcome.UNKNOWN),
    ],
)
def test_a_restore_that_ended_is_judged(ended: object, succeeded: object, expected: Outcome) -> None:
    """One that is under way has no outcome yet."""
    assert outcome(CHECK, fact(RestoreJob, of="vm", ended=ended, succeeded=succeeded)) is expected


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(RestoreJob, of="vm"))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
