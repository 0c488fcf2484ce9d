"""audit_trail.use_log"""

from __future__ import annotations

from checks.api import Outcome
from checks.audit_trail.use_log import CHECK
from checks.testing import fact, judged, outcome
from collectors.facts.service_logs import UseLog


def test_what_is_kept_decides() -> None:
    """Nothing of a message broker is lost; where nothing was read, nobody knows."""
    kinds = ("reads", "writes")

    assert outcome(CHECK, fact(UseLog, what="message broker", kinds=kinds, kept=kinds)) is Outcome.PASS
    assert outcome(CHECK, fact(UseLog, what="message broker", kinds=kinds)) is Outcome.UNKNOWN
    assert outcome(CHECK, fact(UseLog, what="message broker", kinds=())) is Outcome.NOT_APPLICABLE


def test_the_missing_log_is_named() -> None:
    """Whoever reads the finding knows what to switch on."""
    (finding,) = judged(CHECK, fact(UseLog, what="message broker", kinds=("reads", "writes"), kept=("writes",)))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "message broker keeps no log of reads"
