"""audit_trail.app_access_log"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.audit_trail.app_access_log import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.apps import WebApp


@pytest.mark.parametrize(
    ("logged", "expected"),
    [
        (True, Outcome.PASS),
        (False, Outcome.FAIL),
        (None, Outcome.NOT_APPLICABLE),
        (DENIED, Outcome.UNKNOWN),
    ],
)
def test_requests_are_logged(logged: object, expected: Outcome) -> None:
    """Where the kind of app has such a log."""
    assert outcome(CHECK, fact(WebApp, what="web app", access_logged=logged)) is expected


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(WebApp, what="web app"))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
