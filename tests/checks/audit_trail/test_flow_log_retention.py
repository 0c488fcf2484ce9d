"""audit_trail.flow_log_retention"""

from checks.api import Outcome
from checks.audit_trail.flow_log_retention import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.network import FlowRecord


def test_records_that_are_kept_long_enough_pass() -> None:
    """Exactly the minimum is enough."""
    assert outcome(CHECK, fact(FlowRecord, recorded=True, retention_days=365)) is Outcome.PASS


def test_records_that_are_never_deleted_pass() -> None:
    """For ever is longer than any minimum."""
    assert outcome(CHECK, fact(FlowRecord, recorded=True, retention_days=None)) is Outcome.PASS


def test_records_that_go_too_early_fail() -> None:
    """The reason holds both numbers, and the company may ask for less."""
    record = fact(FlowRecord, recorded=True, retention_days=90)
    (finding,) = judged(CHECK, record)

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "records of traffic are kept for 90 days, less than 365 days"
    assert outcome(CHECK, record, minimum_days=90) is Outcome.PASS


def test_a_network_without_records_is_not_applicable() -> None:
    """That there are none is the matter of another check."""
    assert outcome(CHECK, fact(FlowRecord, recorded=False)) is Outcome.NOT_APPLICABLE


def test_unread_records_are_unknown_and_name_the_operation() -> None:
    """A denied read is never a verdict."""
    for lost in (fact(FlowRecord, recorded=True), fact(FlowRecord, retention_days=None)):
        (finding,) = judged(CHECK, lost)

        assert finding.outcome is Outcome.UNKNOWN
        assert finding.unread == (DENIED,)
        assert "svc:ReadIt" in finding.reason
