"""audit_trail.use_log"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.audit_trail.use_log import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.service_logs import UseLog

BOTH = ("reads", "writes")


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
def test_every_kind_of_log_is_kept(kinds: object, kept: object, expected: Outcome) -> None:
    """One that is missing is enough to fail, and where there is nothing to log nothing is asked for."""
    assert outcome(CHECK, fact(UseLog, what="message broker", kinds=kinds, kept=kept)) is expected


def test_the_missing_log_is_named() -> None:
    """Whoever reads the finding knows what to switch on."""
    (finding,) = judged(CHECK, fact(UseLog, what="message broker", kinds=BOTH, kept=("writes",)))

    assert finding.reason == "message broker keeps no log of reads"


def test_an_unread_log_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(UseLog, what="message broker"))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
