"""audit_trail.function_calls"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.audit_trail.function_calls import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.apps import WebApp
from collectors.facts.core import Fact, Unread
from collectors.facts.monitoring import AuditCoverage

CUT_OFF: dict[tuple[type[Fact], str], Unread] = {(WebApp, "us-east-1"): DENIED}


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        (True, Outcome.PASS),
        (False, Outcome.FAIL),
        (DENIED, Outcome.UNKNOWN),
        (None, Outcome.NOT_APPLICABLE),
    ],
)
def test_calls_of_functions_are_recorded(recorded: object, expected: Outcome) -> None:
    """Where a trail can record them."""
    function = fact(WebApp, "f", what="function app")

    assert outcome(CHECK, fact(AuditCoverage, function_calls=recorded), function) is expected


@pytest.mark.parametrize("recorded", [True, False, DENIED])
def test_without_a_function_there_is_nothing_to_record(recorded: object) -> None:
    """Apps of other kinds are no functions."""
    app = fact(WebApp, "w", what="web app")

    assert outcome(CHECK, fact(AuditCoverage, function_calls=recorded), app) is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("recorded", "expected"), [(True, Outcome.PASS), (False, Outcome.UNKNOWN), (DENIED, Outcome.UNKNOWN)]
)
def test_functions_that_were_not_listed_may_be_there(recorded: object, expected: Outcome) -> None:
    """Nobody knows then whether there is one to call, which matters unless all calls are recorded."""
    (finding,) = judged(CHECK, fact(AuditCoverage, function_calls=recorded), unlisted=CUT_OFF)

    assert finding.outcome is expected


def test_one_function_is_enough() -> None:
    """More of them, in a listing that was cut off, change nothing."""
    function = fact(WebApp, "f", what="function app")
    (finding,) = judged(CHECK, fact(AuditCoverage, function_calls=False), function, unlisted=CUT_OFF)

    assert finding.outcome is Outcome.FAIL
