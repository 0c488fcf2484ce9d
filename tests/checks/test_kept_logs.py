"""checks.kept_logs"""

from __future__ import annotations

import pytest

from checks.api import Check, Outcome
from checks.audit_trail import use_log, work_log
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.service_logs import UseLog, WorkLog

BOTH = ("reads", "writes")
each_check = pytest.mark.parametrize(
    ("check", "type_"), [(use_log.CHECK, UseLog), (work_log.CHECK, WorkLog)], ids=["use", "work"]
)


@each_check
@pytest.mark.parametrize(
    ("kinds", "kept", "expected"),
    [
        (BOTH, BOTH, Outcome.PASS),
        (BOTH, ("writes", "more", "reads"), Outcome.PASS),
        (BOTH, ("reads",), Outcome.FAIL),
        (BOTH, (), Outcome.FAIL),
        ((), (), Outcome.NOT_APPLICABLE),
        ((), DENIED, Outcome.NOT_APPLICABLE),
        (BOTH, DENIED, Outcome.UNKNOWN),
        (DENIED, BOTH, Outcome.UNKNOWN),
        (DENIED, (), Outcome.UNKNOWN),
    ],
)
def test_every_kind_of_log_is_kept(
    check: Check, type_: type[UseLog | WorkLog], kinds: object, kept: object, expected: Outcome
) -> None:
    """One that is missing is enough to fail, and where there is nothing to log nothing is asked for."""
    assert outcome(check, fact(type_, what="message broker", kinds=kinds, kept=kept)) is expected


@each_check
def test_an_unread_log_names_the_operation(check: Check, type_: type[UseLog | WorkLog]) -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(check, fact(type_, what="message broker"))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
