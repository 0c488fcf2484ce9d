"""audit_trail.database_statements"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.audit_trail.database_statements import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.data_access import StatementLog

GOOD = {"statements": "ddl", "messages_from": "warning", "failed_from": "error", "verbosity": "default"}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, Outcome.PASS),
        ({"statements": "all"}, Outcome.PASS),
        ({"statements": "none"}, Outcome.FAIL),
        ({"messages_from": "debug5"}, Outcome.PASS),
        ({"messages_from": "error"}, Outcome.FAIL),
        ({"messages_from": "loud"}, Outcome.FAIL),
        ({"failed_from": "warning"}, Outcome.PASS),
        ({"failed_from": "panic"}, Outcome.FAIL),
        ({"verbosity": "terse"}, Outcome.FAIL),
        ({"verbosity": "verbose"}, Outcome.PASS),
    ],
)
def test_each_setting_decides(changed: dict[str, str], expected: Outcome) -> None:
    """More than is asked for is enough; a word that is not PostgreSQL's never is."""
    assert outcome(CHECK, fact(StatementLog, **{**GOOD, **changed})) is expected


@pytest.mark.parametrize("field", list(GOOD))
def test_one_unread_setting_is_unknown(field: str) -> None:
    """The others being right proves nothing about it."""
    values: dict[str, Any] = {**GOOD, field: DENIED}
    (finding,) = judged(CHECK, fact(StatementLog, **values))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)


def test_a_known_shortcoming_decides_beside_an_unread_setting() -> None:
    """Whatever the other settings are, this one is wrong."""
    values: dict[str, Any] = {**GOOD, "statements": "none", "verbosity": DENIED}
    (finding,) = judged(CHECK, fact(StatementLog, **values))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "log_statement is none, not ddl or mod or all"
