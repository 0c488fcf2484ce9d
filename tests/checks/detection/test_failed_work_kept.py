"""detection.failed_work_kept"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.detection.failed_work_kept import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.processing import UnattendedWork


@pytest.mark.parametrize(
    ("kept", "takes", "expected"),
    [
        (True, False, Outcome.PASS),
        (True, DENIED, Outcome.PASS),
        (False, False, Outcome.FAIL),
        (False, True, Outcome.NOT_APPLICABLE),
        (False, DENIED, Outcome.UNKNOWN),
        (DENIED, False, Outcome.UNKNOWN),
        (DENIED, True, Outcome.UNKNOWN),
        (None, False, Outcome.NOT_APPLICABLE),
    ],
)
def test_failed_messages_have_a_place(kept: Any, takes: Any, expected: Outcome) -> None:
    """The place itself needs none, and jobs keep a history."""
    assert outcome(CHECK, fact(UnattendedWork, what="queue", failures_kept=kept, takes_failures=takes)) is expected


def test_a_queue_on_the_list_needs_none() -> None:
    """Its messages may be lost, the company says; another queue's may not."""
    bare = fact(UnattendedWork, "hints-eu", what="queue", failures_kept=False, takes_failures=False)

    assert outcome(CHECK, bare, exceptions=("hints-*",)) is Outcome.NOT_APPLICABLE
    assert outcome(CHECK, bare, exceptions=("orders-*",)) is Outcome.FAIL


def test_an_unread_queue_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(UnattendedWork, what="queue"))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
