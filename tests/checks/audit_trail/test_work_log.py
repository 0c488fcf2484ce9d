"""audit_trail.work_log"""

from __future__ import annotations

from checks.api import Outcome
from checks.audit_trail.work_log import CHECK
from checks.testing import fact, judged, outcome
from collectors.facts.service_logs import WorkLog


def test_what_is_kept_decides() -> None:
    """Nothing of a replication task is lost; where nothing was read, nobody knows."""
    kinds = ("source", "target")

    assert outcome(CHECK, fact(WorkLog, what="replication task", kinds=kinds, kept=kinds)) is Outcome.PASS
    assert outcome(CHECK, fact(WorkLog, what="replication task", kinds=kinds)) is Outcome.UNKNOWN
    assert outcome(CHECK, fact(WorkLog, what="replication task", kinds=())) is Outcome.NOT_APPLICABLE


def test_the_missing_log_is_named() -> None:
    """What the provider did is lost on one side."""
    (finding,) = judged(CHECK, fact(WorkLog, what="replication task", kinds=("source", "target"), kept=("target",)))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "replication task keeps no log of source"
